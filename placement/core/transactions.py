"""Check that the current thread has no open transaction before slow work begins.

If a thread waits for the engine or a password's hash inside a transaction, it keeps its locks and connection. On SQLite
it blocks every other writer.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SlowInTransaction(RuntimeError):
    """A programming error: slow work was started inside a transaction."""


class _Open(threading.local):
    number = 0


_OPEN = _Open()


@contextmanager
def opened() -> Iterator[None]:
    """Marks the transaction as open for this thread; used by the code that begins transactions."""
    _OPEN.number += 1
    try:
        yield
    finally:
        _OPEN.number -= 1


def require_none(what: str) -> None:
    """Raises `SlowInTransaction` if this thread has an open transaction. Slow functions call it first."""
    if _OPEN.number:
        raise SlowInTransaction(what)
