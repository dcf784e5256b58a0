"""The queues of requests. A lane is the pool of a kind of work in a web process. It runs a limited number of requests
at once; others wait in its queue, ordered by

1. urgency,
2. the number of requests that the account already has in the lane (fewer first),
3. time of arrival.

So an account with many requests delays the first request of another account by one request at most. If the queue is
full, its last request is refused. A request that would probably wait too long is refused at once. Lanes are not
thread-safe: only the event loop uses them.
"""

import asyncio
import time
from bisect import bisect, insort
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from math import ceil

from api.http.metrics import ADMITTED, POOL, WAITED
from api.http.request_body import HungUp
from api.http.work_kinds import Size, Work, sizes
from placement.core.arrival import Arrival
from placement.core.errors import Busy
from placement.core.settings import Settings

_LONGEST_PAUSE_SECONDS = 60
_BODIES_OF_ONE = 16
"""How many bodies an account (or a network without an account) may send at once (assumed)."""
_BODY_AGAIN_SECONDS = 10
"""How many seconds a client should wait if it sends too many bodies. A slow body has ended by then."""
_NEWEST = 0.2
"""The weight of the newest request in the average duration."""


@dataclass(slots=True, order=True)
class _Waiter:
    rank: tuple[int, int, int]
    arrival: Arrival = field(compare=False)
    turn: "asyncio.Future[None]" = field(compare=False)
    has_turn: bool = field(default=False, compare=False)


class Lane:
    """The pool of a kind of work, with its queue."""

    def __init__(self, work: Work, size: Size) -> None:
        self._work, self._size = work, size
        self._running, self._line, self._numbers = 0, [], count()  # type: int, list[_Waiter], count[int]
        self._present: Counter[str] = Counter()
        self._takes = size.takes_seconds

    @asynccontextmanager
    async def place(self, arrival: Arrival, of: str) -> AsyncIterator[None]:
        """Waits for a place in the pool. `of`: the account or network of the request.

        Raises `Busy` if no place becomes free in time, and `HungUp` if the client closes the connection before.
        """
        began = time.monotonic()
        await self._enter(arrival, of)
        begins = time.monotonic()
        WAITED.labels(self._work.value).observe(begins - began)
        ADMITTED.labels(self._work.value, "admitted").inc()
        try:
            yield
        finally:
            self._takes += _NEWEST * (time.monotonic() - begins - self._takes)
            self._depart(of)
            self._leave()

    def drop(self, arrival: Arrival) -> None:
        """Removes a request from the queue, because the client has closed the connection."""
        for waiter in self._line:
            if waiter.arrival is arrival:
                self._line.remove(waiter)
                waiter.turn.set_exception(HungUp())
                return

    def busy(self) -> Busy:
        """Returns the error for a full queue, with the estimated time until all present requests are done."""
        seconds = ceil((self._running + len(self._line)) * self._takes / self._size.at_once)
        return Busy(self._size.code, seconds=min(max(1, seconds), _LONGEST_PAUSE_SECONDS))

    async def _enter(self, arrival: Arrival, of: str) -> None:
        rank = (arrival.urgency, self._present[of], next(self._numbers))
        self._present[of] += 1
        try:
            if self._running < self._size.at_once:
                self._running += 1
            else:
                await self._wait(_Waiter(rank, arrival, asyncio.get_running_loop().create_future()))
        except BaseException as error:
            self._depart(of)
            outcome = {Busy: "refused", HungUp: "hung_up", TimeoutError: "late"}.get(type(error), "cut_off")
            ADMITTED.labels(self._work.value, outcome).inc()
            if isinstance(error, TimeoutError):
                raise self.busy() from None
            raise
        self._tell()

    async def _wait(self, waiter: _Waiter) -> None:
        left = waiter.arrival.at + self._size.within_seconds - time.monotonic()
        if bisect(self._line, waiter) * self._takes / self._size.at_once > left:
            raise self.busy()
        insort(self._line, waiter)
        if len(self._line) > self._size.waiting:
            self._line.pop().turn.set_exception(self.busy())
        self._tell()
        try:
            async with asyncio.timeout(left):
                await waiter.turn
        except BaseException:
            if waiter.has_turn:
                self._leave()
            elif waiter in self._line:
                self._line.remove(waiter)
            raise

    def _depart(self, of: str) -> None:
        self._present[of] -= 1
        if not self._present[of]:
            del self._present[of]

    def _leave(self) -> None:
        self._running -= 1
        while self._line and self._running < self._size.at_once:
            first = self._line.pop(0)
            if not first.turn.done():
                first.has_turn = True
                first.turn.set_result(None)
                self._running += 1
        self._tell()

    def _tell(self) -> None:
        POOL.labels(self._work.value, "running").set(self._running)
        POOL.labels(self._work.value, "waiting").set(len(self._line))


class Lanes:
    """The lanes of a web process by kind of work. Also counts the bodies that senders are sending now."""

    def __init__(self, settings: Settings) -> None:
        self._lanes = {work: Lane(work, size) for work, size in sizes(settings).items()}
        self._bodies: Counter[str] = Counter()

    def __getitem__(self, work: Work) -> Lane:
        return self._lanes[work]

    @contextmanager
    def body(self, of: str) -> Iterator[None]:
        """Counts a body while it is read. Raises `Busy` if `of` is already sending too many bodies."""
        if self._bodies[of] >= _BODIES_OF_ONE:
            raise Busy("busy", seconds=_BODY_AGAIN_SECONDS)
        self._bodies[of] += 1
        try:
            yield
        finally:
            self._bodies[of] -= 1
            if not self._bodies[of]:
                del self._bodies[of]
