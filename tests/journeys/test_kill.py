"""The service is killed at random points: no acknowledged write is lost, and none is done twice by a repetition.

Nor is there an act without its line in the log, or a line without its act.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from placement.tables import AuditEvent
from tests.support.audit_log import logged

HERS = "den-haag"
"""A region that has no coordinator: the desk is its coordinator."""

KILLS = 200 if os.environ.get("PROOF_SIZE") == "full" else 10


class Client:
    """Sends what it has to send until it is answered, as a careful program does."""

    def __init__(self, base: str, token: str) -> None:
        self._http = httpx.Client(base_url=f"{base}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=10)

    def close(self) -> None:
        self._http.close()

    def ask(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                answer = self._http.request(method, path, **sent)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.is_success:
                return dict(answer.json())
            # 409: an attempt that died still has the key; it is taken over after a while.
            assert answer.status_code in {httpx.codes.CONFLICT, httpx.codes.SERVICE_UNAVAILABLE}, answer.text
            time.sleep(0.2)
        raise AssertionError(f"nobody answered {method} {path}")

    def register(self, number: int) -> str:
        """Registers a client whose alias is the number; returns the reference that was acknowledged."""
        sent = {
            "region": HERS,
            "registrant": "NP",
            "residence_basis": "reflection",
            "alias": f"number {number}",
            "persons": [{"gender": "female", "age": 30}],
            "language_required": False,
        }
        key = {"Idempotency-Key": f"registration-{number}"}
        return str(self.ask("POST", "/registrations", json=sent, headers=key)["id"])

    def registered(self) -> list[tuple[str, str]]:
        """Alias and reference of everybody whom `register` registered."""
        references, offset, total = [], 0, 1
        while offset < total:
            rows = self.ask("GET", "/registrations", params={"region": HERS, "limit": 200, "offset": offset})
            references += [row["id"] for row in rows["items"] if row["persons"] == 1]
            offset, total = offset + 200, rows["total"]
        whole = (self.ask("GET", f"/registrations/{reference}") for reference in references)
        return sorted((one["alias"], one["id"]) for one in whole if (one["alias"] or "").startswith("number "))


@pytest.mark.parametrize(
    "kills", [pytest.param(1, marks=pytest.mark.wide), pytest.param(KILLS, marks=pytest.mark.long)]
)
def test_killed_service_loses_or_doubles_no_acknowledged_write(kills, service):
    chance = random.Random(kills)
    done = threading.Event()

    def kill_and_start_again() -> None:
        for _ in range(kills):
            time.sleep(chance.uniform(0.1, 0.6))
            service.kill()
            service.start()
        done.set()

    killer = threading.Thread(target=kill_and_start_again)
    acknowledged = []
    with closing(Client(service.base, service.token("desk"))) as client:
        killer.start()
        while not done.is_set() or len(acknowledged) <= kills:
            number = len(acknowledged)
            acknowledged.append((f"number {number}", client.register(number)))
        killer.join()
        since = head_of(service)
        assert client.registered() == sorted(acknowledged)
    references = {reference for _, reference in acknowledged}
    made, looked = lines_of(service, references, since)
    assert made == dict.fromkeys(references, 1)  # each act with its one line, whatever was killed
    assert looked == dict.fromkeys(references, 1)  # each look with its line
    verify = [sys.executable, "-m", "placement", "audit", "verify"]
    done = subprocess.run(verify, env=service.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def head_of(service):
    with log_of(service) as session:
        return session.exec(select(func.max(AuditEvent.id))).one()


def lines_of(service, references, since):
    """How many lines of making, and since then of looking, each of these registrations has."""
    with log_of(service) as session:
        lines = [line for line in logged(session) if line.registration_id in references]
    made = Counter(line.registration_id for line in lines if line.event == "registration:made")
    looked = Counter(line.registration_id for line in lines if line.event == "registration:read" and line.id > since)
    return made, looked


@contextmanager
def log_of(service):
    with service.store() as (database, _), database.transaction() as session:
        yield session
