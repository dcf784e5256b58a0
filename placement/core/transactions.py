"""A check before slow work: the current thread must have no open transaction. If a thread waits inside a transaction,
for example for the engine or a password's hash, the transaction keeps its locks and its connection. On SQLite it blocks
every other writer.
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
    """Marks a transaction of this thread as open while the context lasts. The code that begins transactions uses it."""
    _OPEN.number += 1
    try:
        yield
    finally:
        _OPEN.number -= 1


def require_none(what: str) -> None:
    """Raises `SlowInTransaction` if this thread has an open transaction. Slow functions call this function first."""
    if _OPEN.number:
        raise SlowInTransaction(what)
