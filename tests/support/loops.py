"""Runs a coroutine of a test."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio.from_thread import start_blocking_portal

Found = TypeVar("Found")


def run(work: Callable[[], Awaitable[Found]]) -> Found:
    """Runs the work in a thread of its own, as an open browser may run a loop in the thread of the test."""
    with start_blocking_portal() as portal:
        return portal.call(work)
