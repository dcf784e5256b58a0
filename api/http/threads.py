"""The threads in which handlers run: a bounded number, and a bounded number of requests that wait for one.

What is slow takes few of them (`placement/core/admission.py`): the engine's questions (22) and the hashing of
passwords (8) leave more than half to everything else. Health has a thread of its own, and needs none to say
that it is alive.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from litestar.concurrency import set_asyncio_executor, sync_to_thread

from placement.core.errors import Busy

_AT_ONCE, _WAITING = 64, 200  # assumed
_AGAIN_SECONDS = 2
Told = TypeVar("Told")
Given = ParamSpec("Given")


class Threads(ThreadPoolExecutor):
    """Raises `Busy` where all are taken and enough wait."""

    def __init__(self, name: str, at_once: int, waiting: int) -> None:
        super().__init__(at_once, name)
        self._places = threading.Semaphore(at_once + waiting)

    def submit(self, do: Callable[Given, Told], /, *given: Given.args, **named: Given.kwargs) -> Future[Told]:
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
    """From now on every handler of this process that is not a coroutine runs in these."""
    set_asyncio_executor(_HANDLERS)


async def run(do: Callable[..., Told], *given: Any) -> Told:
    """In a thread. Raises `Busy`, and what it raises."""
    return await sync_to_thread(do, *given)
