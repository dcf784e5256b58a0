"""The service as a user starts it: `placement serve`, mostly with `--demo`, in a folder of its own, on either store."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from placement.accounts import sessions
from placement.core import clock
from placement.core.context import SYSTEM, Act
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Account
from tests.support.ports import free_port
from tests.support.stores import METRICS_TOKEN


def environment_for(database_url: str = "") -> dict[str, str]:
    """Returns the variables of a machine on which nothing was set but the operator's token; without a named database,
    those of SQLite.
    """
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PLACEMENT", "DATABASE"))}
    bare["PLACEMENT_METRICS_TOKEN"] = METRICS_TOKEN
    return bare | ({"DATABASE_URL": database_url} if database_url else {})


def variables_of(settings: Settings) -> dict[str, str]:
    """Returns the variables with which a process opens a database with its keys."""
    return {
        "DATABASE_URL": settings.database_url,
        "PLACEMENT_VAR": str(settings.var),
        "PLACEMENT_FIELD_KEYS": " ".join(settings.field_keys),
        "PLACEMENT_KEY_STORE": str(settings.key_store),
        "PLACEMENT_AUDIT_KEY": settings.audit_key,
    }


PATIENCE = 180
"""Seconds: on a busy machine the first start makes a country."""


class NoToken(Exception):
    """The service gave no token: it was away, or busy."""


class Service:
    """The service in a process group of its own, at an address that stays the same when it is started again."""

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str],
        made: Path | None = None,
        *,
        demo: bool = True,
        workers: int | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        """`made`: what an earlier first start made; without it this one makes its own. `demo`: with `--demo`. `host`:
        what a browser calls this machine.
        """
        self.port = free_port()
        self.base = f"http://{host}:{self.port}"
        self.var = folder / "var"
        self.environment = {**environment, "PLACEMENT_VAR": str(self.var), "BASE": self.base}
        if made:
            shutil.copytree(made, self.var)
        self._options = (*(("--demo",) if demo else ()), *(("--workers", str(workers)) if workers else ()))
        self._log = folder / "service.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it is ready; `--demo` makes the key, migrates and seeds, if that was not done
        before.
        """
        with self._log.open("a") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "placement", "serve", *self._options, "--port", str(self.port)],
                env=self.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self._process.poll() is None, self._log.read_text()
            try:
                if httpx.get(f"{self.base}/health/ready").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        self.kill()  # otherwise it slows all later tests down
        raise AssertionError(f"the service did not come up:\n{self._log.read_text()}")

    def kill(self) -> None:
        """Ends every process of it at once, as a power cut would."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_main(self) -> None:
        """Kills the process that started the others."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=120)

    def log(self) -> str:
        return self._log.read_text()

    def command(self, *words: str) -> None:
        """`placement` with these words, over its store."""
        run = [sys.executable, "-m", "placement", *words]
        subprocess.run(run, env=self.environment, check=True, capture_output=True)

    @contextmanager
    def store(self) -> Iterator[tuple[Database, Settings]]:
        """Opens the database of the service a second time, and yields it with its settings."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("PLACEMENT_VAR", "DATABASE_URL", "PLACEMENT_KEY_STORE", "PLACEMENT_AUDIT_HEADS"):
                patch.delenv(name, raising=False)
                if name in self.environment:
                    patch.setenv(name, self.environment[name])
            settings = Settings.from_environment()
        database = Database.open(settings)
        yield database, settings
        database.close()

    def signed_in(self, email: str) -> dict[str, str]:
        """Returns the headers of a user's new session, which is begun in the store, as a code is valid once in half a
        minute.
        """
        with self.store() as (database, settings), database.transaction() as session:
            account = session.exec(select(Account).where(Account.email == email)).one()
            secret = sessions.start(Act(session, SYSTEM, clock.now(), settings), account, "?")
        return {"Cookie": f"placement={secret}", "X-CSRF-Token": sessions.csrf_token_of(secret)}

    def token(self, role: str) -> str:
        """Returns a token of the first person with this role."""
        people = json.loads((self.var / "demo-credentials.json").read_text())["people"]
        key = next(person["api_key"] for person in people if person["role"] == role)
        answer = httpx.post(f"{self.base}/api/v1/token", json={"key": key})
        if not answer.is_success:
            raise NoToken(answer.text)
        return str(answer.json()["token"])
