"""Clients that write beside a disk that fills, and what is whole afterwards."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
from sqlmodel import func, select

from placement.storage.field_sealing import missing_keys
from placement.tables import AuditEvent, Registration
from tests.support.audit_log import logged
from tests.support.service_process import Service

PATIENCE = 60
_ALIAS = "number "
_PERSON = {"region": "den-haag", "registrant": "NP", "residence_basis": "reflection", "language_required": False}
_PERSON |= {"persons": [{"gender": "female", "age": 30}]}

Answer = tuple[int, str]
"""Status, and the code of the problem; of no answer at all 0."""


def said_by(answer: httpx.Response) -> Answer:
    return answer.status_code, "" if answer.is_success else str(answer.json()["type"]).rpartition(":")[2]


class Writer(threading.Thread):
    """Registers one client after another; each is sent with its key until it is acknowledged."""

    def __init__(self, service: Service, token: str, name: str) -> None:
        super().__init__(name=name)
        self._http = httpx.Client(base_url=service.base, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        self.acknowledged: list[tuple[str, str]] = []
        self.refused: Counter[Answer] = Counter()
        self.trouble = ""
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set() and not self.trouble:
            self.register()

    def register(self) -> None:
        """Registers one more client, however often it is refused."""
        alias, end = f"{_ALIAS}{self.name} {len(self.acknowledged)}", time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                answer = self._http.post(
                    "/api/v1/registrations", json={**_PERSON, "alias": alias}, headers={"Idempotency-Key": alias}
                )
            except httpx.TransportError:
                self.refused[0, "no answer"] += 1
            else:
                if answer.is_success:
                    self.acknowledged.append((alias, answer.json()["id"]))
                    return
                self.refused[said_by(answer)] += 1
            time.sleep(0.02)
        self.trouble = f"{alias} was never acknowledged: {self.refused}"

    def finish(self) -> None:
        """Ends the writer once its current registration is acknowledged."""
        self._over.set()
        if self.ident is not None:
            self.join()
        self._http.close()


@contextmanager
def writing(service: Service, token: str, threads: int) -> Iterator[list[Writer]]:
    writers = [Writer(service, token, f"{token[-4:]}{number}") for number in range(threads)]
    for one in writers:
        one.start()
    try:
        yield writers
    finally:
        for one in writers:
            one.finish()


def head_of(service: Service) -> int:
    with service.store() as (database, _), database.transaction() as session:
        return session.exec(select(func.max(AuditEvent.id))).one()


def faults_in(service: Service, acknowledged: list[tuple[str, str]], since: int) -> dict[str, Any]:
    """Returns the faults of the store, by kind; without faults it is empty. `since`: the head of the log before the
    writers began.
    """
    faults: dict[str, Any] = {}
    with service.store() as (database, _):
        database.seal_log()
    with service.store() as (database, settings), database.transaction() as session:
        if keyless := missing_keys(session):
            return {"keys that are missing": keyless}
        rows = session.exec(select(Registration)).all()
        named = {one.id: str(one.alias) for one in rows if str(one.alias).startswith(_ALIAS)}
        made = Counter(one.registration_id for one in logged(session, since, event="registration:made"))
        drafts = [file.name for file in settings.key_store.glob(".*.draft")]
    told = {reference: alias for alias, reference in acknowledged}
    for name, found, wanted in (
        ("registrations", named, told),
        ("lines of the log", dict(made), dict.fromkeys(told, 1)),
        ("drafts of keys", drafts, []),
    ):
        if found != wanted:
            faults[name] = found, wanted
    command = [sys.executable, "-m", "placement", "audit", "verify"]
    verified = subprocess.run(command, env=service.environment, capture_output=True, text=True, check=False)
    if verified.returncode:
        faults["audit verify"] = verified.stdout + verified.stderr
    return faults


def reads(service: Service, token: str, times: int) -> Counter[Answer]:
    """Counts the answers to so many reads that have an audit event."""
    headers = {"Authorization": f"Bearer {token}"}
    with closing(httpx.Client(base_url=service.base, headers=headers, timeout=20)) as client:
        answers = [client.get("/api/v1/registrations", params={"limit": 20}) for _ in range(times)]
    return Counter(map(said_by, answers))
