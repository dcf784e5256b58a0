"""The trial installation of a drill: a service with its monitoring, and what a fault needs around it."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from tests.support.alert_drills.monitoring import Monitoring
from tests.support.mail_server import SENDER
from tests.support.outages import own_server
from tests.support.postgres_server import Postgres
from tests.support.service_process import Service, environment_for
from tests.support.stores import new_database

_BEGINS = threading.Lock()
"""Only one installation begins at a time: the beginning takes a processor."""
_EXAMINED_EVERY_SECONDS = 300.0
"""The seconds between two examinations, equal to those of `deploy/systemd/placement-doctor.timer`."""


class Stage:
    """An installation in a folder of its own; `ends` removes what a drill adds to it."""

    service: Service
    monitoring: Monitoring

    def __init__(self, folder: Path, ends: ExitStack) -> None:
        self.folder, self.ends = folder, ends

    def own_postgres(self) -> Postgres:
        with _BEGINS:
            return self.ends.enter_context(own_server())

    def begins_with_visitor(self) -> Postgres:
        """Starts everything on a PostgreSQL of its own, with a visitor."""
        postgres = self.own_postgres()
        self.begins(postgres)
        self.ends.enter_context(self.visitor())
        return postgres

    def begins(self, postgres: Postgres | None = None, workers: int = 1, **variables: str) -> None:
        """Starts service, doctor and monitoring, and waits until Prometheus has looked at both."""
        with _BEGINS:
            database = "" if postgres is None else new_database(postgres.url)
            self.service = Service(self.folder, environment_for(database), workers=workers)
            self.service.environment |= {
                "PLACEMENT_ADDRESS": self.service.base,
                "PLACEMENT_WEBAUTHN": "off",
            } | variables
            self.service.start()
            self.ends.callback(self.service.stop)
            self.monitoring = Monitoring(self.folder, self.service.port)
            self.examine()
            self.ends.callback(self.monitoring.stop)
            self.monitoring.start()
        self.monitoring.wait_until_well()
        self.timer = Repeated(self.examine, _EXAMINED_EVERY_SECONDS)
        self.ends.callback(self.timer.stop)

    def examine(self) -> None:
        """Runs the command of `deploy/systemd/placement-doctor.service`, with the umask of the unit."""
        words = [
            sys.executable,
            "-m",
            "placement",
            "doctor",
            "--prometheus",
            str(self.monitoring.texts / "placement.prom"),
        ]
        done = subprocess.run(
            words, env=self.service.environment, capture_output=True, text=True, check=False, umask=0o077
        )
        assert done.returncode in {0, 3, 4}, done.stdout + done.stderr

    @contextmanager
    def visitor(self) -> Iterator[None]:
        """Opens a page each second as a signed-in user."""
        with _BEGINS:  # it sets variables of this process
            headers = self.service.signed_in("desk-1@placement.example")

        def look() -> None:
            with suppress(httpx.TransportError):
                httpx.get(f"{self.service.base}/registrations", headers=headers, timeout=60)

        looks = Repeated(look, 1.0)
        try:
            yield
        finally:
            looks.stop()


class Repeated:
    """An act that a thread repeats until `stop`; an error of the act is raised there."""

    def __init__(self, act: Callable[[], None], every_seconds: float) -> None:
        self._act, self._every = act, every_seconds
        self._end, self._error = threading.Event(), None
        self._thread = threading.Thread(target=self._repeat)
        self._thread.start()

    def _repeat(self) -> None:
        try:
            while not self._end.wait(self._every):
                self._act()
        except Exception as error:  # noqa: BLE001  (raised by `stop`)
            self._error = error

    def stop(self) -> None:
        self._end.set()
        self._thread.join()
        if self._error is not None:
            raise self._error


def mail_settings(port: int) -> dict[str, str]:
    host = {"PLACEMENT_SMTP_HOST": "127.0.0.1", "PLACEMENT_SMTP_PORT": str(port)}
    return host | {"PLACEMENT_SMTP_TLS": "none", "PLACEMENT_SMTP_SENDER": SENDER}
