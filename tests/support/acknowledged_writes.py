"""Acknowledged writes under faults: clients that ask until they are answered, and what is to be found afterwards."""

import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from itertools import count
from typing import Any

import httpx
from sqlmodel import func, select

from placement.tables import AuditEvent
from tests.support.audit_log import logged
from tests.support.service_process import NoToken, Service

PATIENCE = 60.0
BACK_WITHIN_SECONDS = 10.0
CLIENTS = 4

REGION = "den-haag"
"""A region that has no coordinator: the desk is its coordinator."""


class Client:
    """Sends what it has to send until it is answered, as a careful program does."""

    def __init__(self, service: Service, patience: float = PATIENCE) -> None:
        self._service, self._patience = service, patience
        self._http = httpx.Client(base_url=f"{service.base}/api/v1", timeout=10)

    def close(self) -> None:
        self._http.close()

    def ask(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            try:
                answer = self._http.request(method, path, **sent)
                if answer.status_code == httpx.codes.UNAUTHORIZED:  # at first, and when its token has expired
                    self._http.headers["Authorization"] = f"Bearer {self._service.token('desk')}"
                    continue
            except (httpx.TransportError, NoToken):
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
            "region": REGION,
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
            rows = self.ask("GET", "/registrations", params={"region": REGION, "limit": 200, "offset": offset})
            references += [row["id"] for row in rows["items"] if row["persons"] == 1]
            offset, total = offset + 200, rows["total"]
        whole = (self.ask("GET", f"/registrations/{reference}") for reference in references)
        return sorted((one["alias"], one["id"]) for one in whole if (one["alias"] or "").startswith("number "))


class Writers:
    """Clients that register one after another, each again until it is answered."""

    def __init__(self, service):
        self.acknowledged, self._service = [], service
        self._numbers, self._end, self._wrong = count(), threading.Event(), []
        self._threads = [threading.Thread(target=self._write) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join()
        assert self._wrong == []

    def _write(self):
        try:
            with closing(Client(self._service)) as client:
                while not self._end.is_set():
                    self._register(client)
        except BaseException as error:
            self._wrong.append(repr(error))
            raise

    def _register(self, client):
        number = next(self._numbers)
        self.acknowledged.append((f"number {number}", client.register(number)))

    def go_on(self):
        """Waits until a write that begins now is acknowledged, and returns how long that took. A write that began
        before may take longer. Its key is held for ten seconds if nobody could give it back.
        """
        began = time.monotonic()
        with closing(Client(self._service)) as client:
            self._register(client)
        return time.monotonic() - began


def assert_each_once(service, client, acknowledged):
    """Checks that every acknowledged act is stored, and nothing else. Each act has a single line in the log, and the
    log is whole.
    """
    since = head_of(service)
    assert client.registered() == sorted(acknowledged)
    references = {reference for _, reference in acknowledged}
    for lines in lines_of(service, references, since):  # of each act, whatever was killed, and of each look
        odd = {reference: lines[reference] for reference in references if lines[reference] != 1}
        assert not odd, f"{lines.total()} lines for {len(references)}: {odd}"
    verify = [sys.executable, "-m", "placement", "audit", "verify"]
    done = subprocess.run(verify, env=service.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def head_of(service):
    with log_of(service) as session:
        return session.exec(select(func.max(AuditEvent.id))).one()


def lines_of(service, references, since):
    """Counts, for each registration, the lines of its making, and of looks at it since then."""
    with service.store() as (database, _):
        database.seal_log()  # what was stored in the last second is beside the chain still
    with log_of(service) as session:
        lines = [line for line in logged(session) if line.registration_id in references]
    made = Counter(line.registration_id for line in lines if line.event == "registration:made")
    looked = Counter(line.registration_id for line in lines if line.event == "registration:read" and line.id > since)
    return made, looked


@contextmanager
def log_of(service):
    with service.store() as (database, _), database.transaction() as session:
        yield session
