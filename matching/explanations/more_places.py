"""The number of persons who are placed in addition if a unit gets another room, or two rooms more."""

from msgspec import Struct

from matching.answer import match
from matching.explanations.bottlenecks import bottlenecks
from matching.explanations.extra_places import ROOMS, with_extra
from matching.format.problem import Problem
from matching.format.solution import EngineFault, Solution
from matching.limit import Limit

_EVERY = 100_000


class MorePlaces(Struct, frozen=True):
    """The number of persons who are placed in addition if the `unit` gets another room (`with_one`), or two more rooms
    (`with_two`). `extra`: the size of such a room.
    """

    unit: str
    extra: str
    with_one: int
    with_two: int


def more_places(problem: Problem, *, time_limit: float | None = None) -> tuple[MorePlaces, ...] | None:
    """Returns a row for each additional room that places a client who has no place without it. Returns `None` if the
    time ran out or an answer is not proven. `time_limit`: seconds in all, `None` for no limit. Raises nothing.

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
    except EngineFault:  # a number without a proof is left out
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
