"""Checks of the surroundings: processes, mail server, the sheet for an outage, proxy and disks."""

import shutil
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from placement.core import run_folder, vital_signs
from placement.core.recent_answers import Answers
from placement.core.setting_files import engines_socket, vital_signs_socket
from placement.core.settings import LOOPBACK, Settings
from placement.doctor.findings import Finding, Found
from placement.notifications import duty_sheet
from placement.outbox import smtp
from placement.solver.engine_lending import LentEngines

_WITHIN_SECONDS = 5.0
_FULL_MB, _LOW_MB = 100, 1_000  # assumed
_OTHER_SERVICE = "another service answers"


def surroundings(settings: Settings) -> Iterator[Finding]:
    yield from _processes(settings)
    yield from _mail(settings)
    yield _sheet(settings)
    yield from _proxy(settings)
    yield from _disks(settings)


def _processes(settings: Settings) -> Iterator[Finding]:
    """Checks that a service uses the run folder. Yields a finding if no service runs."""
    folder = {"folder": str(settings.run)}
    if not run_folder.is_held(settings.run):
        yield Finding(Found.LIVENESS_NONE, folder)
        return
    signs = vital_signs.ask(vital_signs_socket(settings.run))
    answers = Answers() if signs is None else signs.answers
    counted = {"answers": answers.total, "degraded": answers.degraded}
    if not LentEngines(engines_socket(settings.run)).lends():
        yield Finding(Found.ENGINE_AWAY)
    elif answers.are_too_often_degraded:
        yield Finding(Found.ENGINE_DEGRADED, counted)
    else:
        yield Finding(Found.ENGINE_WELL, counted)
    if signs is None:
        yield Finding(Found.LIVENESS_NOT_HEARD, folder)
    else:
        well = Found.LIVENESS_WELL if signs.are_well else Found.LIVENESS_HANGS
        yield Finding(well, {"going_on": signs.going_on, "of": signs.of})


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp is None:
        yield Finding(Found.MAIL_NONE)
    elif trouble := smtp.trouble_with(settings.smtp, settings.mail_within_seconds):
        found = Found.MAIL_SENDER_REFUSED if trouble == smtp.SENDER_REFUSED else Found.MAIL_FAILS
        yield Finding(found, {"server": settings.smtp.host, "trouble": trouble})
    else:
        yield Finding(Found.MAIL_WELL, {"server": settings.smtp.host})


def _sheet(settings: Settings) -> Finding:
    """Checks the public keys of the recipients for whom the outage sheet is encrypted."""
    if not settings.sheet_for:
        return Finding(Found.SHEET_NONE)
    if wrong := duty_sheet.wrong_keys(settings):
        return Finding(Found.SHEET_WRONG_KEY, {"count": wrong})
    return Finding(Found.SHEET_WELL, {"count": len(settings.sheet_for)})


def _proxy(settings: Settings) -> Iterator[Finding]:
    if not settings.address:
        yield Finding(Found.PROXY_NO_ADDRESS)
        return
    typed = urlsplit(settings.address)
    wrong, host = [], typed.hostname or ""
    local = host in LOOPBACK
    if any(network.prefixlen == 0 for network in settings.trusted_proxies):
        wrong.append(Finding(Found.PROXY_EVERYONE))
    elif not settings.trusted_proxies and not local:
        wrong.append(Finding(Found.PROXY_NOT_TRUSTED))
    if not settings.hosts and not local:
        wrong.append(Finding(Found.PROXY_ANY_HOST))
    elif settings.hosts and host not in settings.hosts:
        wrong.append(Finding(Found.PROXY_OTHER_HOST, {"host": host}))
    if typed.path:
        wrong.append(Finding(Found.PROXY_PATH, {"path": typed.path}))
    elif why := _does_not_answer(settings.address):
        found = Found.PROXY_OTHER_SERVICE if why == _OTHER_SERVICE else Found.PROXY_FAILS
        wrong.append(Finding(found, {"address": settings.address, "why": why}))
    yield from wrong or [Finding(Found.PROXY_WELL, {"address": settings.address})]


def _does_not_answer(address: str) -> str | None:
    """Returns why the service does not answer at its own address: `_OTHER_SERVICE` if another service answers, or else
    the code of HTTP or the error of the library. Returns `None` if it answers.
    """
    try:
        with urllib.request.urlopen(f"{address}/health/live", timeout=_WITHIN_SECONDS) as answer:  # noqa: S310
            return None if b'"live"' in answer.read(1_000) else _OTHER_SERVICE
    except urllib.error.HTTPError as refused:
        return f"HTTP {refused.code}"
    except (urllib.error.URLError, ssl.SSLError, OSError) as error:
        return str(getattr(error, "reason", error))


def _disks(settings: Settings) -> Iterator[Finding]:
    """Checks the free space of each file system. A finding names the first folder of the service on it."""
    url = make_url(settings.database_url)
    folders = [settings.var, settings.key_store, settings.backup_folder, settings.audit_heads.parent]
    if url.get_backend_name() == "sqlite" and url.database:
        folders.append(Path(url.database).parent)
    seen: set[int] = set()
    for folder in filter(Path.is_dir, folders):
        device = folder.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(folder).free >> 20
        level = Found.DISK_FULL if free < _FULL_MB else Found.DISK_LOW if free < _LOW_MB else Found.DISK_WELL
        yield Finding(level, {"folder": str(folder), "free_mb": free})
