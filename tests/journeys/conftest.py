"""The service as a user starts it: `placement serve --demo`, in a folder of its own, on either store."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest


@dataclass(frozen=True)
class Service:
    base: str
    var: Path
    environment: dict[str, str]


@pytest.fixture
def service(stores, tmp_path) -> Iterator[Service]:
    """Serves an empty store; `--demo` makes the key, migrates and seeds."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PLACEMENT", "DATABASE"))}
    environment["PLACEMENT_VAR"] = str(tmp_path / "var")
    if stores.kind == "postgresql":
        environment["DATABASE_URL"] = stores.blank()
    port = _free_port()
    log = tmp_path / "service.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "placement", "serve", "--demo", "--port", str(port)],
            env=environment,
            stdout=out,
            stderr=out,
        )
        base = f"http://127.0.0.1:{port}"
        try:
            _wait_for(base, process, log)
            yield Service(base, tmp_path / "var", {**environment, "BASE": base})
        finally:
            process.terminate()
            process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{base}/health/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the service did not come up:\n{log.read_text()}")
