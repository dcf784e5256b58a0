"""The number of additional persons placed if a unit gets an additional room, or two."""

from msgspec import Struct

from matching.answer import match
from matching.explanations.bottlenecks import bottlenecks
from matching.explanations.extra_places import ROOMS, with_extra
from matching.format.problem import Problem
from matching.format.solution import EngineFault, Solution
from matching.limit import Limit

_EVERY = 100_000


class MorePlaces(Struct, frozen=True):
    """The effect of more rooms in a `unit`. `extra`: the size of each room. `with_one`: the number of additional
    persons placed with one more room. `with_two`: the same with two more rooms.
    """

    unit: str
    extra: str
    with_one: int
    with_two: int


def more_places(problem: Problem, *, time_limit: float | None = None) -> tuple[MorePlaces, ...] | None:
    """Returns a row for each additional room with which more clients are placed. Returns `None` if the time ran out or
    an answer is not proven. `time_limit`: seconds in all, `None` for no limit. Raises nothing.

    `bottlenecks` finds the rooms, and `match` solves the problem with one additional room and with two.
    """
    limit = Limit(time_limit)
    without = match(problem, time_limit=limit.seconds())
    if without.status != "optimal":
        return None
    if not without.unplaced:
        return ()
    try:
        extras = bottlenecks(problem, top=_EVERY, time_limit=limit.seconds())
    except EngineFault:  # numbers that are not proven are not returned
        return None
    rows = []
    for one in extras.bottlenecks:
        if not one.serves or one.extra not in ROOMS:
            continue
        first = with_extra(problem, (one.unit, one.extra))
        answers = [
            match(larger, time_limit=limit.seconds()) for larger in (first, with_extra(first, (one.unit, one.extra)))
        ]
        if limit.is_over() or any(answer.status != "optimal" for answer in answers):
            return None
        placed = [_persons(problem, answer) - _persons(problem, without) for answer in answers]
        rows.append(MorePlaces(one.unit, one.extra, placed[0], placed[1]))
    return tuple(rows) if extras.complete else None


def _persons(problem: Problem, solution: Solution) -> int:
    placed = {one.registration for one in solution.placements}
    return sum(len(one.persons) for one in problem.registrations if one.id in placed)
