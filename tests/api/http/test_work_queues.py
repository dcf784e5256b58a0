"""Lanes: who gets a place in a pool first, and who is refused."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from api.http.request_body import HungUp
from api.http.work_kinds import Size, Work
from api.http.work_queues import Lane
from placement.core.arrival import LEAST_URGENT, Arrival
from placement.core.errors import Busy
from tests.support.loops import run

AGES = 600.0


class Line:
    """A lane with one place that is taken, and those who ask for it in turn; `served`: in which order they got it."""

    def __init__(self, waiting=100, within=AGES, takes=0.1):
        self.lane = Lane(Work.SLOW, Size(1, waiting, within, "engine_busy", takes))
        self.served, self.asked, self._free = [], [], asyncio.Event()

    async def ask(self, name, of="one", urgency=LEAST_URGENT, arrival=None):
        async def use():
            async with self.lane.place(arrival or Arrival(urgency=urgency), of):
                self.served.append(name)
                await self._free.wait()

        self.asked.append(asyncio.ensure_future(use()))
        await asyncio.sleep(0)
        return self.asked[-1]

    async def end(self):
        self._free.set()
        return await asyncio.gather(*self.asked, return_exceptions=True)


@asynccontextmanager
async def line(**size):
    made = Line(**size)
    await made.ask("first", of="nobody")
    yield made
    await made.end()


def test_lane_urgent_request_goes_before_all_others():
    async def test():
        async with line() as asked:
            for number in range(3):
                await asked.ask(number, of=str(number))
            await asked.ask("urgent", of="urgent", urgency=1)
            await asked.end()
            assert asked.served == ["first", "urgent", 0, 1, 2]

    run(test)


def test_lane_many_of_one_account_delay_another_by_one():
    async def test():
        async with line() as asked:
            for number in range(5):
                await asked.ask(f"flood {number}", of="flood")
            await asked.ask("other", of="other")
            await asked.end()
            assert asked.served[1:3] == ["flood 0", "other"]

    run(test)


def test_lane_line_full_last_of_the_flood_is_refused():
    async def test():
        async with line(waiting=3) as asked:
            flood = [await asked.ask(f"flood {number}", of="flood") for number in range(3)]
            other = await asked.ask("other", of="other")
            await asyncio.sleep(0)
            assert isinstance(flood[-1].exception(), Busy)
            assert not other.done()
            late = await asked.ask("late", of="flood")
            await asyncio.sleep(0)
            assert isinstance(late.exception(), Busy)

    run(test)


def test_lane_refusal_tells_when_all_here_had_their_turn():
    async def test():
        async with line(waiting=3, takes=2.0) as asked:
            for number in range(3):
                await asked.ask(number)
            refused = await asked.ask("refused")
            await asyncio.sleep(0)
            assert refused.exception().facts == {"seconds": 8}  # a request at work and three in line, two seconds each

    run(test)


def test_lane_turn_would_come_too_late_is_refused_at_once():
    async def test():
        async with line(within=5.0, takes=2.0) as asked:
            for number in range(3):  # after 0, 2 and 4 seconds
                await asked.ask(number, of=str(number))
            refused = await asked.ask("too late", of="late")
            urgent = await asked.ask("urgent", of="late", urgency=1)
            await asyncio.sleep(0)
            assert isinstance(refused.exception(), Busy)
            assert not urgent.done()

    run(test)


def test_lane_no_turn_in_time_is_refused_and_leaves():
    async def test():
        async with line(within=0.01) as asked:
            with pytest.raises(Busy):
                await (await asked.ask("late"))
            await asked.end()
            assert asked.served == ["first"]
            async with asked.lane.place(Arrival(), "next"):
                """There is a place again."""

    run(test)


def test_lane_client_hung_up_is_not_begun():
    async def test():
        async with line() as asked:
            gone = Arrival()
            waits = await asked.ask("gone", arrival=gone)
            asked.lane.drop(gone)
            with pytest.raises(HungUp):
                await waits
            asked.lane.drop(gone)  # once more does nothing
            await asked.end()
            assert asked.served == ["first"]

    run(test)


def test_lane_request_cut_off_in_line_frees_its_place():
    async def test():
        async with line() as asked:
            cut_off = await asked.ask("cut off")
            cut_off.cancel()
            await asked.ask("next")
            await asked.end()
            assert asked.served == ["first", "next"]

    run(test)


def test_lane_turn_and_cut_off_at_once_lose_no_place():
    async def test():
        lane = Lane(Work.SLOW, Size(1, 1, AGES))
        first, second = lane.place(Arrival(), "first"), lane.place(Arrival(), "cut off")
        await first.__aenter__()
        cut_off = asyncio.ensure_future(second.__aenter__())
        await asyncio.sleep(0)
        await first.__aexit__(None, None, None)  # its place is handed on in this moment
        cut_off.cancel()
        await asyncio.gather(cut_off, return_exceptions=True)
        async with asyncio.timeout(AGES), lane.place(Arrival(), "next"):
            """There is a place again."""
        assert not lane._running

    run(test)
