"""Whether this thread has a transaction open: nothing slow may be waited for inside one.

Who waits for the engine, or for a password's hash, with a transaction open keeps locks and a connection meanwhile, and
on SQLite everybody else's writes.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SlowInTransaction(RuntimeError):
    """A fault of ours: something slow was asked inside a transaction."""


class _Open(threading.local):
    number = 0


_OPEN = _Open()


@contextmanager
def opened() -> Iterator[None]:
    """Around a transaction, by whoever begins it."""
    _OPEN.number += 1
    try:
        yield
    finally:
        _OPEN.number -= 1


def require_none(what: str) -> None:
    """Called by what is slow. Raises `SlowInTransaction`."""
    if _OPEN.number:
        raise SlowInTransaction(what)
