"""The service as it is run: `placement serve` in processes of its own, and callers with a connection each."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlmodel import select

from api.http.cookies import session_cookie
from placement.accounts import sessions
from placement.core import clock
from placement.core.codes import StoreFact
from placement.core.context import SYSTEM, Act
from placement.storage import store_records
from placement.tables import Account
from tests.support.ports import free_port
from tests.support.service_process import environment_for, variables_of
from tests.support.stores import Country

PATIENCE = 180


@contextmanager
def serving(
    country: Country,
    folder: Path,
    workers: int,
    *options: str,
    more: Mapping[str, str] | None = None,
    ready: int = httpx.codes.OK,
) -> Iterator[str]:
    """Yields the address of a service over this country's store. `options`: others of `placement serve`; `more`:
    settings; `ready`: the status of its readiness that is waited for.
    """
    _are_real(country)
    port = free_port()
    environment = environment_for() | variables_of(country.settings)
    environment |= {
        "PLACEMENT_VAR": str(folder / "var"),
        "PLACEMENT_WEBAUTHN": country.settings.webauthn,
        **(more or {}),
    }
    command = [sys.executable, "-m", "placement", "serve", "--port", str(port), "--workers", str(workers)]
    command += options
    log = folder / "service.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            _wait(f"http://127.0.0.1:{port}", process, log, ready)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)
    assert [line for line in log.read_text().splitlines() if "request.failed" in line] == []


def _are_real(country: Country) -> None:
    """Marks the people of a store as real, as a store with synthetic people is served as a demo only."""
    with country.database.transaction() as session:
        store_records.forget(session, StoreFact.SYNTHETIC)


def client_of(base: str, key: str) -> httpx.Client:
    """Returns a client for software with a key."""
    token = httpx.post(f"{base}/api/v1/token", json={"key": key}).json()["token"]
    return httpx.Client(base_url=f"{base}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE)


def person_of(base: str, country: Country, email: str) -> httpx.Client:
    """Returns a client for a signed-in user, in a session that begins in the store."""
    with country.database.transaction() as session:
        act = Act(session, SYSTEM, clock.now(), country.settings)
        account = session.exec(select(Account).where(Account.email == email)).one()
        secret = sessions.start(act, account, "?")
    headers = {
        "Cookie": f"{session_cookie(country.settings)}={secret}",
        "X-CSRF-Token": sessions.csrf_token_of(secret),
    }
    return httpx.Client(base_url=f"{base}/api/v1", headers=headers, timeout=PATIENCE)


def _wait(base: str, process: subprocess.Popen[bytes], log: Path, ready: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{base}/health/ready").status_code == ready:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
