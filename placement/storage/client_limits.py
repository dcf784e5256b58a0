"""A limit for statements that this process keeps itself.

PostgreSQL's own limits wait by its wall clock: when that clock is set back, they end nothing for as long.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection

_CANCEL_WITHIN_SECONDS = 1.0


class Limit:
    """The result of a time limit: `is_over` is true if the time ran out."""

    def __init__(self) -> None:
        self.is_over = False


@contextmanager
def within(connection: Connection, seconds: float) -> Iterator[Limit]:
    """Cancels the statement that runs on this connection after so many seconds of the monotonic clock: it raises then,
    as if the server's own limit had ended it. On SQLite nothing is limited: it has no server.
    """
    limit = Limit()
    if connection.dialect.name != "postgresql":
        yield limit
        return
    driver: Any = connection.connection.driver_connection

    def cancel() -> None:
        limit.is_over = True
        with suppress(
            connection.dialect.loaded_dbapi.Error
        ):  # it has ended, or the server is away: the statement raises by itself
            driver.cancel_safe(timeout=_CANCEL_WITHIN_SECONDS)

    timer = threading.Timer(seconds, cancel)
    timer.start()
    try:
        yield limit
    finally:
        timer.cancel()
        timer.join()  # no later statement of this connection is cancelled
