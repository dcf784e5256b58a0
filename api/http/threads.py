"""The thread pools of handlers: a pool for each kind of work, so that no kind waits for another.
`api/http/work_queues.py` decides which requests are admitted.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from litestar.concurrency import set_asyncio_executor, sync_to_thread

from api.http.work_kinds import Work, sizes
from placement.core.errors import Busy
from placement.core.settings import Settings

_AGAIN_SECONDS = 2
_LOOKS_AT_ONCE = 2
"""The number of threads for all pages with live updates. Each check needs a thread only for a moment."""
Result = TypeVar("Result")
Given = ParamSpec("Given")

WORK: ContextVar[Work] = ContextVar("work", default=Work.ENTRY)
"""The kind of work of the current request. It is `ENTRY` until the route is known."""


class Threads(ThreadPoolExecutor):
    """A thread pool that raises `Busy` if all threads are in use and its queue is full."""

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


class Pools(Executor):
    """The thread pools of a process, by kind of work."""

    def __init__(self, settings: Settings) -> None:
        self._pools = {
            work: Threads(
                work.value, _LOOKS_AT_ONCE if work is Work.LIVE else size.at_once, size.waiting + size.at_once
            )
            for work, size in sizes(settings).items()
        }

    def submit(self, do: Callable[Given, Result], /, *given: Given.args, **named: Given.kwargs) -> Future[Result]:
        return self._pools[WORK.get()].submit(do, *given, **named)


def use_pools(settings: Settings) -> None:
    """Makes the framework run synchronous handlers in these pools."""
    set_asyncio_executor(Pools(settings))  # type: ignore[arg-type]  # it asks for nothing but `submit`


async def run(do: Callable[..., Result], *given: object) -> Result:
    """Runs a function in a thread of the current kind of work. Raises `Busy`, and the errors of the function."""
    return await sync_to_thread(do, *given)
