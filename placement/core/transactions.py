"""The check that this thread has no open transaction before slow work.

A thread that waits for the engine, or for a password's hash, inside a transaction keeps locks and a connection
meanwhile. On SQLite it blocks every other writer.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SlowInTransaction(RuntimeError):
    """A programming error: slow work was requested inside a transaction."""


class _Open(threading.local):
    number = 0


_OPEN = _Open()


@contextmanager
def opened() -> Iterator[None]:
    """Marks a transaction; used by the code that begins it."""
    _OPEN.number += 1
    try:
        yield
    finally:
        _OPEN.number -= 1


def require_none(what: str) -> None:
    """Raises `SlowInTransaction` inside a transaction; called by slow functions."""
    if _OPEN.number:
        raise SlowInTransaction(what)
