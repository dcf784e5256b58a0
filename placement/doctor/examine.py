"""The checks of the store: database, tables, keys, log, clock, jobs and backups. Nothing is changed by looking."""

import ctypes
from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime
from sqlmodel import Session, col, select

from placement.audit import key_overview
from placement.audit.verification import read_heads
from placement.backup.make import KEYS_EVERY
from placement.backup.manifest import manifests, newest_keys
from placement.core import clock
from placement.core.codes import StoreFact
from placement.core.context import Act, by_command
from placement.core.setting_limits import KEY_BACKUPS_KEPT
from placement.core.settings import Settings
from placement.doctor.findings import Finding, Found
from placement.doctor.surroundings import surroundings
from placement.jobs import periodic
from placement.leave.ended import Destruction, destruction_of
from placement.storage import field_sealing, hash_chain, job_failures, row_order, store_records, unsealed_log
from placement.storage.database import Database
from placement.storage.database_faults import cause_of, reason_of
from placement.tables import AuditEvent
from placement.tasks.set_up import recorded_backup

_HEAD_EVERY = timedelta(hours=2)
"""A head is written each hour: after two, none was."""
_SEALED_WITHIN = timedelta(minutes=1)
"""Lines go into the chain within a second where a process serves (assumed)."""
_CLOCKS_DIFFER = timedelta(seconds=5)  # assumed
_NOT_SYNCHRONISED = 5
"""`TIME_ERROR` of adjtimex(2)."""
_ROOM_OF_TIMEX = 512
"""More bytes than `struct timex` has on any machine."""


def findings(settings: Settings) -> Iterator[Finding]:
    """Of each check one or several; what needs a store that does not answer is not looked at."""
    try:
        database = Database.open(settings)
        try:
            is_left = yield from _of_store(database, settings)
        finally:
            database.close()
    except (DBAPIError, NoConnectionInTime) as error:
        yield Finding(Found.STORE_FAILS, {"cause": cause_of(error).value, "reason": reason_of(error)})
        is_left = False
    if not is_left:
        yield from surroundings(settings)


def _of_store(database: Database, settings: Settings) -> Generator[Finding, None, bool]:
    """Returns whether the store was left: no service is to run with it, so nothing else is looked at."""
    current = database.is_current()
    yield Finding(Found.STORE_WELL, {"kind": database.engine.dialect.name})
    if not current:
        yield Finding(Found.SCHEMA_OTHER)
        return False
    yield Finding(Found.SCHEMA_WELL)
    with database.transaction() as session:
        act = by_command(session, settings)
        if (left := destruction_of(session)) is not None:
            yield _destroyed(left)
            if left.is_done:
                yield from _kept_archives(act)
                return True
        if kept := row_order.out_of_reach(session):
            yield Finding(Found.STORE_KEEPS_ORDER, {"count": len(kept)})
        elif late := row_order.overdue(session, clock.now()):
            yield Finding(Found.STORE_ORDER_LATE, {"count": len(late)})
        yield from _keys(act)
        yield from _log(act, database)
        yield from _clock(session)
        yield from _jobs(session)
        yield from _mail(session)
        yield from _backup(act)
    return False


def _destroyed(left: Destruction) -> Finding:
    found = Found.KEYS_DESTROYED if left.is_done else Found.KEYS_HALF_DESTROYED
    return Finding(found, {"id": left.id or "-", "day": left.day or "-"})


def _jobs(session: Session) -> Iterator[Finding]:
    late = periodic.are_late(session, clock.now())
    fails = job_failures.failing(session, store_records.records(session))
    if late:
        yield Finding(Found.JOBS_LATE)
    if fails is not None:
        yield Finding(Found.JOB_FAILS, {"job": fails.job, "at": fails.since.isoformat(timespec="seconds")})
    if not late and fails is None:
        yield Finding(Found.JOBS_WELL)


def _mail(session: Session) -> Iterator[Finding]:
    """What the jobs found: a server that can be reached may refuse each mail."""
    found = store_records.records(session).get(StoreFact.MAIL_FAILS)
    if found is not None and not found.detail:
        yield Finding(Found.MAIL_NOT_TAKEN, {"at": found.at.isoformat(timespec="seconds")})


def _keys(act: Act) -> Iterator[Finding]:
    if not field_sealing.owns_its_store(act.session):
        yield Finding(Found.KEYS_FOREIGN, {"folder": str(act.settings.key_store)})
        return
    seen, wrong = key_overview.overview(act), []
    missing = len(field_sealing.missing_keys(act.session)) if seen.answers else 0
    if not seen.answers:
        wrong.append(Finding(Found.KEYS_AWAY, {"token": seen.token}))
    if missing:
        wrong.append(Finding(Found.KEYS_MISSING, {"count": missing}))
    if seen.older:
        wrong.append(Finding(Found.KEYS_OLDER, {"count": seen.older}))
    copied = store_records.records(act.session).get(StoreFact.KEYS_COPIED)
    is_copied = copied is not None and copied.detail == store_records.fingerprint_of_keys(act.settings)
    if not (is_copied or store_records.is_synthetic(act.session)):
        wrong.append(Finding(Found.KEYS_NOT_COPIED))
    yield from wrong or [Finding(Found.KEYS_WELL, {"count": sum(kind.keys for kind in seen.kinds)})]


def _log(act: Act, database: Database) -> Iterator[Finding]:
    number, _ = hash_chain.head(act.session)
    if not hash_chain.fits(act.session, database.audit_keys):
        yield Finding(Found.LOG_DOES_NOT_FIT, {"line": number})
        return
    oldest = unsealed_log.oldest(act.session)
    if oldest is not None and clock.now() - oldest > _SEALED_WITHIN:
        yield Finding(Found.LOG_UNSEALED, {"at": oldest.isoformat(timespec="seconds")})
    heads = read_heads(act.settings.audit_heads)
    last = heads[-1] if heads else None
    if last is None or clock.now() - datetime.fromisoformat(last.at) > _HEAD_EVERY:
        yield Finding(Found.LOG_NO_HEAD, {"file": str(act.settings.audit_heads), "at": last.at if last else "-"})
    elif last.line > number:
        yield Finding(Found.LOG_CUT_OFF, {"line": number, "head": last.line})
    elif last.line and _link(act.session, last.line) not in {last.link, None}:  # None: it was truncated since
        yield Finding(Found.LOG_OTHER, {"line": last.line})
    else:
        yield Finding(Found.LOG_WELL, {"line": number})


def _link(session: Session, line: int) -> str | None:
    return session.exec(select(AuditEvent.link).where(col(AuditEvent.id) == line)).first()


def _clock(session: Session) -> Iterator[Finding]:
    last = session.exec(select(AuditEvent.at).order_by(col(AuditEvent.id).desc()).limit(1)).first()
    now = clock.now()
    if last is not None and last > now + _CLOCKS_DIFFER:
        yield Finding(Found.CLOCK_BEHIND, {"at": last.isoformat(timespec="seconds")})
        return
    if session.get_bind().dialect.name == "postgresql":
        there = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        if abs(there - now) > _CLOCKS_DIFFER:
            yield Finding(Found.CLOCK_DIFFERS, {"seconds": round((there - now).total_seconds())})
            return
    yield Finding(Found.CLOCK_WELL if is_synchronised() else Found.CLOCK_FREE)


def is_synchronised(ask: Callable[[object], int] | None = None) -> bool:
    """Whether the kernel knows that its clock is kept right from outside (adjtimex(2), which changes nothing here)."""
    ask = ask or ctypes.CDLL(None).adjtimex
    return ask(ctypes.byref(ctypes.create_string_buffer(_ROOM_OF_TIMEX))) != _NOT_SYNCHRONISED


def _backup(act: Act) -> Iterator[Finding]:
    if store_records.is_synthetic(act.session):
        return
    last = recorded_backup(act)
    if last is None:
        yield Finding(Found.BACKUP_NONE)
        return
    at = last.at.isoformat(timespec="seconds")
    folder, wrong = act.settings.backup_folder, []
    if last.is_old:
        wrong.append(Finding(Found.BACKUP_OLD, {"at": at}))
    newest = newest_keys(folder)
    if newest is not None and act.at - datetime.fromisoformat(newest.keys.at) > 2 * KEYS_EVERY:
        wrong.append(Finding(Found.BACKUP_KEYS_OLD, {"at": newest.keys.at}))
    wrong += _kept_archives(act)
    yield from wrong or [Finding(Found.BACKUP_WELL, {"at": at})]


def _kept_archives(act: Act) -> list[Finding]:
    folder = act.settings.backup_folder
    kept = [
        one.keys.file
        for one in manifests(folder)
        if (folder / one.keys.file).exists()
        and act.at - datetime.fromisoformat(one.keys.at) > KEY_BACKUPS_KEPT + KEYS_EVERY
    ]
    return [Finding(Found.BACKUP_KEYS_KEPT, {"count": len(kept), "folder": str(folder)})] if kept else []
