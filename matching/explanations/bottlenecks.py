"""Bottlenecks: units in which an additional room or high-care place would increase the objective most."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Literal, NamedTuple

from msgspec import Struct

from matching.answer import best_of
from matching.explanations.extra_places import Extra, ExtraPlaces, with_extra
from matching.explanations.forced_choice import ForcedChoice, verify
from matching.explanations.listing import Stopped, first_of
from matching.format.problem import Problem
from matching.format.solution import Placement, Solution
from matching.limit import Limit
from matching.prepared_problem import PreparedProblem


class Bottleneck(Struct, frozen=True):
    """An *extra*: an additional room or high-care place in a unit. `gain`: the points that it adds. `serves`: the
    registrations that are placed only with this extra.
    """

    unit: str
    extra: str
    gain: int
    serves: tuple[str, ...]


class _Waiting(NamedTuple):
    """An extra in the heap. `most`: minus an upper bound of the total with the extra. `known`: the source of the bound,
    which is first the extra's price, then a relaxation with this extra, and at last the exact total.
    """

    most: int
    extra: Extra
    known: Literal["priced", "relaxed", "best"]
    placements: tuple[Placement, ...]


class Bottlenecks(Struct, frozen=True, omit_defaults=True):
    """Extras sorted by gain (the largest first), then by unit and code. `best`: the points of the best solution without
    extras.

    `complete`: false if the time ran out, or after Ctrl-C.
    """

    best: int
    bottlenecks: tuple[Bottleneck, ...]
    complete: bool = True


def bottlenecks(problem: Problem, *, top: int = 10, time_limit: float | None = None) -> Bottlenecks:
    """Returns the `top` extras that increase the objective most, each with its exact gain in points.

    The dual values of the base model give an upper bound of each gain. The extra with the largest bound is solved
    first. An extra is solved only while it can be among the `top`. If `time_limit` (seconds) runs out, or after Ctrl-C,
    the list is incomplete, but its entries are exact. Raises EngineFault if the optimum is not proven.
    """
    limit = Limit(time_limit)
    prepared = PreparedProblem(problem)
    best = best_of(prepared, time_limit=time_limit)
    if best.status == "infeasible":
        return Bottlenecks(best.objective, ())
    return Bottlenecks(best.objective, *first_of(_largest_first(prepared, best, limit), top))


def _largest_first(prepared: PreparedProblem, best: Solution, limit: Limit) -> Iterator[Bottleneck]:
    """Yields the extras that gain points, the largest gain first. Solves an extra only when its bound is the largest in
    the queue.

    Raises Stopped.
    """
    places = ExtraPlaces(prepared, best, limit)
    waiting: list[_Waiting] = [_Waiting(-most, extra, "priced", ()) for extra, most in places.most.items()]
    heapify(waiting)
    while waiting and -waiting[0].most > best.objective:
        most, extra, known, placements = heappop(waiting)
        if known == "best":
            yield _bottleneck(prepared, ForcedChoice(extra[0], placements, -most), extra, best)
        elif limit.is_over():
            raise Stopped
        elif known == "priced":
            bound, reached = places.relaxed(extra)
            heappush(waiting, _Waiting(-bound, extra, "relaxed" if reached is None else "best", reached or ()))
        elif (outcome := places.solved(extra)) is not None:
            heappush(waiting, _Waiting(-outcome.objective, extra, "best", outcome.placements))
        else:
            raise Stopped


def _bottleneck(prepared: PreparedProblem, choice: ForcedChoice, extra: Extra, best: Solution) -> Bottleneck:
    """Returns the bottleneck of an extra. Raises EngineFault if the solution fails the check."""
    verify(with_extra(prepared.problem, extra), prepared, choice, best)
    before = {row.registration for row in best.placements}
    serves = sorted({row.registration for row in choice.placements} - before)
    return Bottleneck(*extra, choice.objective - best.objective, tuple(serves))
