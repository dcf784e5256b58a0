"""A signal that the database has changed. Every process gets it after each commit that stored a change. One connection
of the process receives the signal for all pages that wait for changes.

PostgreSQL sends the signal (`NOTIFY`) at the commit. On SQLite a thread polls the number of the last commit (`PRAGMA
data_version`). The signal has no content. Each page then reads the changes with the rights of its user.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from placement.core.errors import kind_and_place
from placement.storage.database import Database
from placement.storage.hash_chain import CHANGED

_LOG = structlog.get_logger()
_LOOK_EVERY_SECONDS = 0.25
_AGAIN_AFTER_SECONDS = 1.0
Wake = Callable[[], None]


class ChangeSignal:
    """The source of the signal, connected only while a page waits. If the connection breaks, wakes all pages and
    reconnects.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guard = threading.Lock()
        self._waiting: set[Wake] = set()
        self._stop = threading.Event()
        self._stop.set()

    @contextmanager
    def heard_by(self, wake: Wake) -> Iterator[None]:
        """Within the `with` block, calls `wake` in another thread after each change."""
        with self._guard:
            self._waiting.add(wake)
            if self._stop.is_set():
                self._stop = threading.Event()
                threading.Thread(target=self._run, args=[self._stop], name="changes", daemon=True).start()
        try:
            yield
        finally:
            with self._guard:
                self._waiting.discard(wake)
                if not self._waiting:
                    self._stop.set()

    def _run(self, stop: threading.Event) -> None:
        listen = self._look if self._database.engine.dialect.name == "sqlite" else self._listen
        errors = (SQLAlchemyError, self._database.engine.dialect.loaded_dbapi.Error)
        while not stop.is_set():
            try:
                listen(stop)
            except errors as error:
                _LOG.error("changes.not_heard", **kind_and_place(error))
                self._wake()
                stop.wait(_AGAIN_AFTER_SECONDS)

    def _wake(self) -> None:
        with self._guard:
            waiting = list(self._waiting)
        for wake in waiting:
            wake()

    def _listen(self, stop: threading.Event) -> None:
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            try:
                connection.execute(text(f"LISTEN {CHANGED}"))
                driver: Any = connection.connection.driver_connection
                self._wake()  # changes may have been stored before we listened
                while not stop.is_set():
                    if any(True for _ in driver.notifies(timeout=_LOOK_EVERY_SECONDS, stop_after=1)):
                        self._wake()
            finally:
                connection.invalidate()  # the connection still listens, so the pool must not use it again

    def _look(self, stop: threading.Event) -> None:
        with closing(sqlite3.connect(str(self._database.engine.url.database))) as connection:
            last = None
            while not stop.is_set():
                found = connection.execute("PRAGMA data_version").fetchone()
                if found != last:
                    last = found
                    self._wake()
                stop.wait(_LOOK_EVERY_SECONDS)
