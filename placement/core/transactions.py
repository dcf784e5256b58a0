"""The check that the current thread has no open transaction before it begins slow work. Slow work is, for example, a
wait for the engine or a password hash. Meanwhile an open transaction would keep its locks and its connection. On SQLite
it would block every other writer.
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
    """Marks a transaction of this thread as open within the context. The code that begins transactions uses it."""
    _OPEN.number += 1
    try:
        yield
    finally:
        _OPEN.number -= 1


def require_none(what: str) -> None:
    """Raises `SlowInTransaction` if this thread has an open transaction. Slow functions call it first."""
    if _OPEN.number:
        raise SlowInTransaction(what)
