"""A database server and processes that a test stops, kills and starts again."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.support.postgres_server import Postgres

PATIENCE = 60


@contextmanager
def own_server() -> Iterator[Postgres]:
    """Yields a server outside pytest's own folder, as it runs as another user if the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="placement-outage-") as folder:
        made = Postgres(Path(folder))
        yield made
        made.server.cleanup()


def until(look, log=lambda: "", patience=PATIENCE, pause=0.05):
    """Waits until `look` finds something, and returns it. `pause`: seconds between two looks."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(pause)
    raise AssertionError(log())


def family(pid: int) -> list[psutil.Process]:
    """Returns all processes below this process."""
    return psutil.Process(pid).children(recursive=True)


def workers_of(pid: int) -> list[psutil.Process]:
    """Returns the web processes that answer, or are about to."""
    return [one for one in family(pid) if "serve" in command(one)]


def command(process: psutil.Process) -> list[str]:
    """Returns the words of the command of a process; an empty list if it has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def is_alive(process: psutil.Process) -> bool:
    return command(process) != []


def kill_server(postgres: Postgres) -> None:
    """Kills all processes of the server, as a power cut would, and starts it again."""
    folder = str(postgres.server.pgdata)
    of_server = [one for one in psutil.process_iter() if folder in command(one)]
    for one in [*of_server, *(child for parent in of_server for child in children_of(parent))]:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    until(lambda: not any(map(is_alive, of_server)))
    for lock in (Path(folder, "postmaster.pid"), *Path(folder).glob(".s.*.lock")):  # of a process that nobody awaits
        lock.unlink(missing_ok=True)
    postgres.start()


def children_of(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
