"""The way into the large path: prices and a bound, a first answer, and its improvement until the limit.

What it has found is good at every moment: when the time is up, or somebody interrupts, the best so far is the answer.
"""

from contextlib import suppress

import numpy as np
from msgspec import Struct

from matching.answer import Progress, Watch
from matching.index import Index
from matching.large.first import first_answer, simple_of
from matching.large.limit import Limit
from matching.large.market import Market
from matching.large.neighbourhood import Standing
from matching.large.prices import Auction
from matching.large.seek import seek_prices
from matching.objective import Valuation
from matching.problem import Problem
from matching.solution import Placement

STEPS = 300  # of the search for prices
SHARE_OF_PRICES = 0.3  # of the time, where there is a limit
ROUNDS_PER_REGISTRATION = 0.2  # neighbourhoods, where there is none
TOO_LARGE = 2**55  # points of everybody together: sums stay exact in 64 bits, with room to spare


class Found(Struct):
    placements: tuple[Placement, ...] = ()
    bound: int | None = None
    phase: str = "none"

    @property
    def objective(self) -> int:
        return sum(placement.points for placement in self.placements)


def search(problem: Problem, index: Index, seconds: float | None, watch: Watch | None) -> Found:
    """The best answer found and a bound that holds; whatever interrupts it, what was found until then."""
    found = Found()
    with suppress(KeyboardInterrupt):
        _search(problem, Valuation(index), Limit(seconds), watch or (lambda _: None), found)
    return found


def _search(problem: Problem, valuation: Valuation, limit: Limit, watch: Watch, found: Found) -> None:
    index = valuation.index
    market = Market(index, valuation)
    if int(market.serve.max(initial=0)) * max(1, len(market.registrations)) > TOO_LARGE:
        raise OverflowError("the weights are too large for a problem of this size")
    auction = Auction(market)
    found.placements, found.phase = simple_of(auction), "simple"
    watch(Progress(found.phase, found.objective, None))
    sought = seek_prices(auction, limit.part(SHARE_OF_PRICES), limit.steps(STEPS))
    found.bound = sought.wishes.bound
    values = auction.values(sought.prices)
    order = np.argsort(-sought.wishes.kept, kind="stable").tolist()
    first = first_answer(index, valuation, market, values, order)
    if sum(placement.points for placement in first) > found.objective:
        found.placements, found.phase = first, "first"
    watch(Progress(found.phase, found.objective, found.bound))
    _improve(problem, Standing(market, sought, values, found.placements), limit, watch, found)


def _improve(problem: Problem, standing: Standing, limit: Limit, watch: Watch, found: Found) -> None:
    from matching.large.improve import Improvement  # noqa: PLC0415 - imports solvers, which only solving needs

    improvement = Improvement(problem, standing)
    assert found.bound is not None  # noqa: S101 - for the type: a bound came before
    rounds = limit.steps(int(ROUNDS_PER_REGISTRATION * len(standing.market.registrations)))
    for _ in range(rounds):
        if limit.is_over() or standing.objective >= found.bound:
            break
        improvement.step(limit)
        found.placements = tuple(standing.placed[name] for name in sorted(standing.placed))
        found.phase = "improvement"
        watch(Progress(found.phase, standing.objective, found.bound))
