"""The entry point for large problems. The phases: prices and a bound, a construction heuristic, a neighbourhood search.

At the time limit, or after an interrupt, the best solution and the best bound so far are returned.
"""

from contextlib import suppress

import numpy as np
from msgspec import Struct

from matching.format.problem import Problem
from matching.format.solution import Placement
from matching.index import Index
from matching.large.columns import column_prices
from matching.large.construction import construct, simple_of
from matching.large.neighbourhood import Current
from matching.large.prices import Auction, Sought
from matching.large.problem_arrays import ProblemArrays
from matching.large.rounding import rounded
from matching.large.subgradient import subgradient_prices
from matching.large.values import Choice
from matching.limit import Limit
from matching.objective import Valuation
from matching.progress import Progress, Watch

MOST_IN_PROGRAM = 3_000  # with more registrations, the linear program takes too long
STEPS, STEPS_BEFORE = 300, 40  # steps of the subgradient search: without the linear program, and before it
SHARE_OF_PRICES = 0.5  # the share of the time for prices, if there is a limit
SHARE_BEFORE = 0.6  # if the first steps take more than this share of the time for prices, there is no linear program
SHARE_OF_ROUNDING = 0.6  # the share of the remaining time for rounding
LOWER = 97  # the construction uses 97 % of the prices: at full prices, some registrations would gain nothing
ROUNDS_PER_REGISTRATION = 0.2  # neighbourhoods for each registration, if there is no time limit
TOO_LARGE = 2**55  # the largest total of points: sums then fit into 64 bits, with a margin


class Found(Struct):
    """The best placements so far, their objective and the phase that found them, and the best bound."""

    placements: tuple[Placement, ...] = ()
    bound: int | None = None
    phase: str = "none"
    objective: int = 0


def search(problem: Problem, index: Index, limit: Limit, watch: Watch | None, *, workers: int = 1) -> Found:
    """Returns the best solution found, and a valid upper bound. After an interrupt, returns the best so far.

    Raises OverflowError if the weights are too large for the size of the problem.
    """
    run = _Search(problem, limit, watch or (lambda _: None), workers)
    with suppress(KeyboardInterrupt):
        run.go(index)
    return run.found


class _Search:
    """A search with all its phases. Each phase stores its results at once, so that an interrupt loses nothing."""

    def __init__(self, problem: Problem, limit: Limit, watch: Watch, workers: int) -> None:
        self.problem, self.limit, self.watch, self.workers = problem, limit, watch, workers
        self.found = Found()

    def go(self, index: Index) -> None:
        """Runs all phases, or as many as the time limit allows."""
        self.valuation = Valuation(index)
        arrays = ProblemArrays(index, self.valuation, self.limit)
        if int(arrays.serve.max(initial=0)) * max(1, len(arrays.registrations)) > TOO_LARGE:
            raise OverflowError("the weights are too large for a problem of this size")
        self.found.bound = arrays.ceiling()
        if self.limit.is_over():
            return
        auction = Auction(arrays)
        self.keep(simple_of(auction, self.limit), "simple")
        if self.limit.is_over():
            return
        sought = self.prices(auction)
        if self.limit.is_over():
            return
        current = Current(auction, sought, self.found.placements)
        self.improve(current, int(ROUNDS_PER_REGISTRATION * len(arrays.registrations)))

    def prices(self, auction: Auction) -> Sought:
        """Returns the best prices. Also stores the solutions constructed from the first prices and from the rounded
        program.
        """
        part, rows = self.limit.part(SHARE_OF_PRICES), auction.arrays.registrations
        fits = len(rows) <= MOST_IN_PROGRAM
        steps = STEPS_BEFORE if fits else self.limit.steps(STEPS)
        early = part.part(SHARE_BEFORE)
        sought = subgradient_prices(auction, part, steps, self.prove)
        fits = fits and not early.is_over()  # if the first steps took too long, the program would not be solved in time
        self.construct(auction, sought, [])
        if not fits:
            return sought
        sought, columns = column_prices(auction, sought, part, self.prove)
        chosen = rounded(columns, sought.prices, self.limit.part(SHARE_OF_ROUNDING))

        def groups_first(choices: tuple[Choice, ...]) -> tuple[bool, bool, int]:
            row = rows[choices[0].row]
            return len(choices) == 1, not row.is_private, -len(row.persons)

        if chosen:
            self.construct(auction, sought, sorted(chosen, key=groups_first))
        return sought

    def construct(self, auction: Auction, sought: Sought, chosen: list[tuple[Choice, ...]]) -> None:
        order = np.argsort(-sought.wishes.kept, kind="stable").tolist()
        lower = sought.prices._replace(bed=sought.prices.bed * (LOWER if chosen else 100) // 100)
        self.keep(construct(auction.arrays, auction.values(lower), order, chosen, limit=self.limit), "first")

    def prove(self, bound: int) -> None:
        """Stores the bound if it is better than the present bound, and reports the progress."""
        if self.found.bound is None or bound < self.found.bound:
            self.found.bound = bound
        self.watch(Progress("prices", self.found.objective, self.found.bound))

    def improve(self, current: Current, rounds: int) -> None:
        """Solves neighbourhoods around registrations with regret, in `rounds` steps or until the time limit."""
        from matching.large.improvement import Improvement  # noqa: PLC0415 - imports solvers, which only solving needs

        improvement = Improvement(self.problem, current, self.workers)
        for _ in range(self.limit.steps(rounds)):
            if self.limit.left() <= improvement.to_prepare or current.objective == self.found.bound:
                break
            improvement.step(self.limit)
            self.keep(tuple(current.placed[name] for name in sorted(current.placed)), "improvement")

    def keep(self, placements: tuple[Placement, ...], phase: str) -> None:
        """Stores the placements if they are better than the present placements, and reports the progress."""
        found = self.found
        objective = self.valuation.objective(placements)
        if not found.placements or objective > found.objective:
            found.placements, found.objective, found.phase = placements, objective, phase
        self.watch(Progress(phase, found.objective, found.bound))
