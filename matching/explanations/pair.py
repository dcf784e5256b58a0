"""Questions about one registration in one unit, with nobody else looked at."""

from collections.abc import Sequence

from matching.explanations.explain import known
from matching.format.problem import Problem
from matching.format.solution import RoomUse
from matching.index import Index
from matching.objective import Points, Valuation
from matching.rooms.choices import cheapest, space_of


def choose_rooms(problem: Problem, registration_id: str, unit_id: str) -> tuple[RoomUse, ...] | None:
    """The rooms in this unit that waste least for this registration alone, or None where it has no choice.

    Looks at the rule `rooms` only: an override of another rule still needs beds that exist.
    Raises UnknownRegistration; a unit that is not in the problem is a KeyError.
    """
    index = Index(problem)
    spaces = [space_of(room) for room in index.rooms_of[unit_id]]
    return cheapest(index, Valuation(index), known(index, registration_id), index.units[unit_id], spaces)


def points(problem: Problem, registration_id: str, unit_id: str, rooms: Sequence[RoomUse]) -> Points:
    """What this placement is worth, by term; what is lost is negative.

    Asks nothing about rules: a placement that an override made has points too.
    Raises UnknownRegistration; a unit or a room that is not in the problem is a KeyError.
    """
    index = Index(problem)
    return Valuation(index).points(known(index, registration_id), index.units[unit_id], rooms)
