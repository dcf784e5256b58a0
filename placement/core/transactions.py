"""Whether this thread has a transaction open: no slow work may be waited for inside one.

A thread that waits for the engine, or for a password's hash, with a transaction open keeps locks and a connection
meanwhile, and on SQLite blocks every other writer.
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
    """Around a transaction, by the code that begins it."""
    _OPEN.number += 1
    try:
        yield
    finally:
        _OPEN.number -= 1


def require_none(what: str) -> None:
    """Called by slow functions. Raises `SlowInTransaction`."""
    if _OPEN.number:
        raise SlowInTransaction(what)
