"""A running `placement serve` with the synthetic country, for measurements from outside the process."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyotp

from tests.support.postgres_server import Postgres

_STARTS_WITHIN_SECONDS = 300


@dataclass(frozen=True)
class Served:
    """A running service. `pid`: the id of its main process. `credentials`: the secrets of people and shelters."""

    port: int
    pid: int
    credentials: dict[str, Any]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, key: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("POST", "/api/v1/token", json.dumps({"key": key}), {"Content-Type": "application/json"})
        return str(json.loads(connection.getresponse().read())["token"])

    def signed_in(self, person: dict[str, Any]) -> dict[str, str]:
        """Signs this person in, and returns the headers for further requests."""
        with httpx.Client(base_url=f"{self.base}/api/v1") as client:
            named = {"email": person["email"], "password": person["password"]}
            challenge = client.post("/session", json=named).raise_for_status().json()["challenge"]
            code = {"challenge": challenge, "code": pyotp.TOTP(person["totp_secret"]).now()}
            begun = client.post("/session/code", json=code).raise_for_status()
            cookie = "; ".join(f"{name}={value}" for name, value in begun.cookies.items())
        return {"Cookie": cookie, "X-CSRF-Token": begun.json()["csrf_token"]}


@contextmanager
def served(database_url: str, workers: int, port: int) -> Iterator[Served]:
    """Runs `placement serve --demo` within the block. An empty database gets the national country."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PLACEMENT_VAR": folder, "DATABASE_URL": database_url}
        serve = ["serve", "--demo", "--port", str(port), "--workers", str(workers)]
        with (Path(folder) / "log").open("w") as log:
            service = subprocess.Popen(  # noqa: S603  (ourselves)
                [sys.executable, "-m", "placement", *serve], env=environment, stdout=log, stderr=log
            )
            try:
                _wait_until_ready(port)
                yield Served(port, service.pid, json.loads((Path(folder) / "demo-credentials.json").read_text()))
            finally:
                service.send_signal(signal.SIGTERM)
                service.wait()


@contextmanager
def postgresql(url: str = "") -> Iterator[str]:
    """Yields the address of an empty PostgreSQL database. Without `url`, starts a server that ends with the block."""
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="placement-bench-") as folder:
        server = Postgres(Path(folder))
        try:
            yield server.url
        finally:
            server.stop()


def _wait_until_ready(port: int) -> None:
    end = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError("the service did not come up")
