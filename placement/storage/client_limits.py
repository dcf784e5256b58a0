"""A time limit for SQL statements, enforced by this process. PostgreSQL's own limits use the wall clock of its machine.
If that clock is set back by an hour, they cancel no statement for an hour.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection

_CANCEL_WITHIN_SECONDS = 1.0


@contextmanager
def within(connection: Connection, seconds: float) -> Iterator[threading.Event]:
    """Yields an event. After these seconds (monotonic clock), sets the event and cancels the statement on this
    connection. The statement then raises the same error as at a time limit of the server. Does nothing on SQLite.
    """
    limit = threading.Event()
    if connection.dialect.name != "postgresql":
        yield limit
        return
    driver: Any = connection.connection.driver_connection

    def cancel() -> None:
        limit.set()
        with suppress(connection.dialect.loaded_dbapi.Error):  # the statement has ended or raises its own error
            driver.cancel_safe(timeout=_CANCEL_WITHIN_SECONDS)

    timer = threading.Timer(seconds, cancel)
    timer.start()
    try:
        yield limit
    finally:
        timer.cancel()
        timer.join()  # so that the timer cancels no later statement
