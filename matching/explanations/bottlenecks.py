"""Bottlenecks: units in which another room, or another high-care place, would increase the objective most."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import msgspec
from msgspec import Struct

from matching.answer import best_of
from matching.explanations.forced_choice import ForcedChoice, exactly, verify
from matching.explanations.listing import Stopped, first_of
from matching.explanations.most_gain import HIGH_CARE, ROOMS, MostGain
from matching.format.problem import Problem, Room, Unit
from matching.format.solution import Solution
from matching.index import Index
from matching.limit import Limit
from matching.objective import Valuation
from matching.prepared_problem import PreparedProblem


class Bottleneck(Struct, frozen=True):
    """An extra in a unit: `gain` in points of the objective, and the registrations that are then placed as well."""

    unit: str
    extra: str
    gain: int
    serves: tuple[str, ...]


class Bottlenecks(Struct, frozen=True, omit_defaults=True):
    """Extras sorted by gain, the largest first, then by unit, then by extra. `best`: points without any extra.

    `complete`: false if the time ran out, or after Ctrl-C.
    """

    best: int
    bottlenecks: tuple[Bottleneck, ...]
    complete: bool = True


def bottlenecks(problem: Problem, *, top: int = 10, time_limit: float | None = None) -> Bottlenecks:
    """Returns the `top` extras that increase the objective most, each with its exact gain in points.

    The duals of the base model bound what each extra can give. The most promising is solved first, and the rest only
    while it could still belong to the list. If `time_limit` (seconds) runs out, or after Ctrl-C, the list is
    not complete, and its entries are still exact. Raises EngineFault if the optimum is not proven.
    """
    limit = Limit(time_limit)
    prepared = PreparedProblem(problem)
    best = best_of(prepared, time_limit=time_limit)
    if best.status == "infeasible":
        return Bottlenecks(best.objective, ())
    return Bottlenecks(best.objective, *first_of(_largest_first(prepared, best, limit), top))


def with_extra(problem: Problem, unit_id: str, extra: str) -> Problem:
    """Returns the problem with another empty room in the unit, or with its high-care limit raised by 1."""
    if extra in ROOMS:
        room = Room(_new_id(problem, unit_id, extra), unit_id, ROOMS[extra], ROOMS[extra], problem.as_of)
        return msgspec.structs.replace(problem, rooms=(*problem.rooms, room))
    units = tuple(_one_higher(unit) if unit.id == unit_id else unit for unit in problem.units)
    return msgspec.structs.replace(problem, units=units)


def _one_higher(unit: Unit) -> Unit:
    if unit.high_care_limit is None:
        return unit
    return msgspec.structs.replace(unit, high_care_limit=unit.high_care_limit + 1)


def _new_id(problem: Problem, unit: str, extra: str) -> str:
    taken = {room.id for room in problem.rooms}
    name = f"{unit} {extra}"
    while name in taken:
        name += "+"
    return name


class _Solved(NamedTuple):
    """The best solution with an extra, not checked yet."""

    problem: Problem
    choice: ForcedChoice


def _largest_first(prepared: PreparedProblem, best: Solution, limit: Limit) -> Iterator[Bottleneck]:
    """Yields extras with a gain, largest first; solves an extra only if its bound is the largest. Raises Stopped."""
    from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import, and only solving needs it
    from matching.exact.relaxation import Relaxation  # noqa: PLC0415 - as above

    most = MostGain(prepared, Relaxation(build(prepared.index, prepared.valuation, prepared.open_to), limit))
    waiting: list[tuple[int, str, str, _Solved | None]] = [
        (-(most.bound + most.of(unit, extra)), unit.id, extra, None)
        for unit in prepared.index.units.values()
        for extra in (HIGH_CARE, *ROOMS)
        if extra in ROOMS or unit.high_care_limit is not None
    ]
    heapify(waiting)
    while waiting and -waiting[0][0] > best.objective:
        _, unit, extra, solved = heappop(waiting)
        if solved is not None:
            yield _bottleneck(prepared, solved, extra, best)
        elif (solved := _solve(most, unit, extra, best, limit)) is not None:
            heappush(waiting, (-solved.choice.objective, unit, extra, solved))
        else:
            raise Stopped


def _solve(most: MostGain, unit: str, extra: str, best: Solution, limit: Limit) -> _Solved | None:
    """Returns the best solution with this extra; `None` if the time ran out."""
    from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import, and only solving needs it

    base = most.prepared
    problem = with_extra(base.problem, unit, extra)
    index = Index(problem)
    builder = build(index, Valuation(index, base.valuation), most.open_to(unit, extra))
    builder.hint(best.placements)
    outcome = exactly(builder, time_limit=limit.seconds())
    return None if outcome is None else _Solved(problem, ForcedChoice(unit, outcome.placements, outcome.objective))


def _bottleneck(prepared: PreparedProblem, solved: _Solved, extra: str, best: Solution) -> Bottleneck:
    """Returns the row of the list. Raises EngineFault if the solution fails the check."""
    problem, choice = solved
    verify(problem, prepared, choice, best)
    before = {row.registration for row in best.placements}
    serves = sorted({row.registration for row in choice.placements} - before)
    return Bottleneck(choice.unit, extra, choice.objective - best.objective, tuple(serves))
