"""Runs a coroutine of a test."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio.from_thread import start_blocking_portal

Found = TypeVar("Found")


def run(work: Callable[[], Awaitable[Found]]) -> Found:
    """In a thread of its own: in that of a test an open browser may run a loop already."""
    with start_blocking_portal() as portal:
        return portal.call(work)
