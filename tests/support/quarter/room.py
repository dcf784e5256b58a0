"""A practice room on PostgreSQL with two web processes (or on SQLite with a single process), whose clock moves by days.

Everything lies in one folder. A copy of the folder is made while each process of it is stopped by a signal. So the copy
is what a power cut would leave, and an interrupted run begins again from it.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import psutil
import psycopg

from tests.support.outages import command, family
from tests.support.ports import free_port
from tests.support.postgres_server import Postgres

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PATIENCE = 1800
OF_RUNNING = {"postmaster.pid", ".handle_pids.json"}
"""Files of a running server. A server that finds the process of an earlier run among its users is never stopped."""
SCENE = "leaked_address"
"""A scene that begins on a Tuesday at ten, and puts nothing of its own into the store."""


class Post:
    """The local receiver of all messages of the room. `takes`: False on a day without mail."""

    def __init__(self, folder):
        self.file, self.takes, self.came = folder / "practice" / "receiver", True, []
        self.file.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(self.file))
        self._socket.listen(64)
        self._ends, self._thread = False, threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self):
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if self._ends:
                    return
                line = connection.makefile("rb").readline()
                if self.takes:
                    if line.strip():
                        self.came.append(json.loads(line))
                    connection.sendall(b"taken\n")

    def close(self):
        self._ends = True
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self.file))
        self._thread.join()
        self._socket.close()
        self.file.unlink()

    def number(self, title):
        """Returns how many mails with this beginning of the title came since the last call of `taken`."""
        return sum(title in one["title"] for one in self.came if one["channel"] == "mail")

    def taken(self):
        """Returns the messages since the last call of this function."""
        came, self.came = self.came, []
        return came


class Room:
    """`folder`: short, because a socket of PostgreSQL lies in it. `postgres`: with two web processes."""

    def __init__(self, folder, *, postgres):
        self.folder, self.var, self.postgres, self.port = folder, folder / "var", postgres, free_port()
        self.base, self.link, self._server, self._keeper = f"http://127.0.0.1:{self.port}", "", None, None
        self.var.mkdir(parents=True, exist_ok=True)
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PLACEMENT", "DATABASE"))}
        self._environment = {**plain, "PLACEMENT_VAR": str(self.var)}
        if postgres:
            url = self._database()
            self._environment["PLACEMENT_PRACTICE_DATABASE"] = url

    def _database(self):
        (self.folder / "pg").mkdir(exist_ok=True, mode=0o700)
        self._server = Postgres(self.folder / "pg")
        self._server.start()
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'practice'").fetchall():
                connection.execute("CREATE DATABASE practice")
        return self._server.url.replace("@/postgres?", "@/practice?")

    def start(self):
        line = [sys.executable, "-m", "placement", "practice", "start", "--port", str(self.port), "--scene", SCENE]
        workers = ["--workers", "2"] if self.postgres else []
        with (self.folder / "log").open("a") as log:
            self._keeper = subprocess.Popen([*line, *workers], env=self._environment, stderr=log)
        self._wait_until_ready()
        status = subprocess.run(
            [sys.executable, "-m", "placement", "practice", "status"],
            env=self._environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        self.link = next(line.split()[1] for line in status.stdout.splitlines() if line.startswith("link:"))

    def _wait_until_ready(self):
        end = time.monotonic() + PATIENCE
        with httpx.Client(timeout=60) as client:
            while time.monotonic() < end:
                assert self._keeper.poll() is None, (self.folder / "log").read_text()[-2000:]
                with suppress(httpx.TransportError):
                    if client.get(f"{self.base}/health/ready").status_code == httpx.codes.OK:
                        return
                time.sleep(0.3)
        raise AssertionError("the practice room does not come up")

    def stop(self):
        self._keeper.terminate()
        self._keeper.wait(timeout=120)

    def end(self):
        """Ends the room and its server."""
        if self._keeper is not None and self._keeper.poll() is None:
            self.stop()
        if self._server is not None:
            self._server.server.cleanup()

    @property
    def _clock(self):
        return self.var / "practice" / "clock"

    def now(self):
        """Returns the time of the room, as its people see it."""
        return (datetime.now(UTC) + timedelta(seconds=float(self._clock.read_text()))).astimezone(AMSTERDAM)

    def processor_seconds(self):
        """Returns the processor time of this process and of everything that it started, ended processes included."""
        found = 0.0
        for one in [psutil.Process(), *family(os.getpid()), *self._of_server()]:
            with suppress(psutil.NoSuchProcess):
                found += sum(one.cpu_times()[:4])
        return found

    def set_clock(self, moment):
        """Lets time go by while the room is stopped."""
        self._clock.write_text(str((moment - datetime.now(UTC)).total_seconds()))

    def copy(self, target):
        """Copies the folder as a power cut would leave it. `target` is replaced when the copy is complete."""
        moment, made = self.now(), target.with_suffix(".new")
        processes = [psutil.Process(self._keeper.pid), *family(self._keeper.pid), *self._of_server()]
        shutil.rmtree(made, ignore_errors=True)
        try:
            for one in processes:
                one.send_signal(signal.SIGSTOP)
            copy_all(self.folder, made)
        finally:
            for one in reversed(processes):
                one.send_signal(signal.SIGCONT)
        (made / "moment").write_text(moment.isoformat())
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)

    def _of_server(self):
        if self._server is None:
            return []
        pid = int((Path(self._server.server.pgdata) / "postmaster.pid").read_text().split()[0])
        return [one for one in (psutil.Process(pid), *family(pid)) if command(one)]


def copy_all(folder, made):
    """Copies a folder with the owners of its files, and without what belongs to running processes."""
    subprocess.run(["/bin/cp", "-a", folder, made], check=True)
    for one in [*made.rglob("*")]:
        if one.name in OF_RUNNING or one.name.startswith(".s.PGSQL") or one.is_socket():
            one.unlink()
