"""The thread pool of handlers: a bounded number of threads, and of requests that wait for one.

Slow work is limited to a part of them (`placement/core/admission.py`): engine previews (22) and password hashing
(8) leave more than half to other requests. Health has a thread of its own; the liveness check needs none.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from litestar.concurrency import set_asyncio_executor, sync_to_thread

from placement.core.errors import Busy

_AT_ONCE, _WAITING = 64, 200  # assumed
_AGAIN_SECONDS = 2
Result = TypeVar("Result")
Given = ParamSpec("Given")


class Threads(ThreadPoolExecutor):
    """Raises `Busy` if all threads are in use and the queue is full."""

    def __init__(self, name: str, at_once: int, waiting: int) -> None:
        super().__init__(at_once, name)
        self._places = threading.Semaphore(at_once + waiting)

    def submit(self, do: Callable[Given, Result], /, *given: Given.args, **named: Given.kwargs) -> Future[Result]:
        if not self._places.acquire(blocking=False):
            raise Busy("busy", seconds=_AGAIN_SECONDS)
        try:
            begun = super().submit(do, *given, **named)
        except BaseException:
            self._places.release()
            raise
        begun.add_done_callback(lambda _: self._places.release())
        return begun


_HANDLERS = Threads("handler", _AT_ONCE, _WAITING)


def use_bounded_threads() -> None:
    """Makes all handlers of this process that are not coroutines run in this pool."""
    set_asyncio_executor(_HANDLERS)


async def run(do: Callable[..., Result], *given: Any) -> Result:
    """Runs a function in a thread. Raises `Busy`, and what the function raises."""
    return await sync_to_thread(do, *given)
