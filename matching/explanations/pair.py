"""Functions about a single registration in a single unit. All other registrations are ignored."""

from collections.abc import Sequence

from matching.eligibility import pair_tables
from matching.exact.room_choices import cheapest
from matching.explanations.explain import known
from matching.format.problem import Problem
from matching.format.solution import RoomUse
from matching.index import Index
from matching.objective import Points, Valuation
from matching.rooms.spaces import space_of


def choose_rooms(problem: Problem, registration_id: str, unit_id: str) -> tuple[RoomUse, ...] | None:
    """Returns the rooms of this unit with the least waste for this registration; `None` if the unit has no rooms for
    it.

    Checks only the rule `rooms`, because an override of another rule also needs beds. Raises UnknownRegistration, and
    KeyError for a unit that is not in the problem.
    """
    index = Index(problem)
    spaces = [space_of(room) for room in index.rooms_of[unit_id]]
    return cheapest(index, Valuation(index), known(index, registration_id), index.units[unit_id], spaces)


def points(problem: Problem, registration_id: str, unit_id: str, rooms: Sequence[RoomUse]) -> Points:
    """Returns the points of a registration in a unit and its `rooms`, by term. A loss is negative.

    Checks no rules, so that an override has points too. Raises UnknownRegistration, and KeyError for a unit or a room
    that is not in the problem.
    """
    index = Index(problem)
    return Valuation(index).points(known(index, registration_id), index.units[unit_id], rooms)


def broken_in_pairs(problem: Problem, pairs: Sequence[tuple[str, str]]) -> list[frozenset[str]]:
    """Returns the codes of the pair rules that each of the `pairs` (registration, unit) breaks. Ignores residents of
    the unit.

    Raises UnknownRegistration, and KeyError for a unit that is not in the problem.
    """
    index = Index(problem)
    registrations, units = list(index.registrations), list(index.units)
    tables = pair_tables(index, list(index.registrations.values()))
    rows = [registrations.index(known(index, one).id) for one, _ in pairs]
    columns = [units.index(index.units[unit].id) for _, unit in pairs]
    return [
        frozenset(rule.code for rule, table, of in tables if not table[of[row], column])
        for row, column in zip(rows, columns, strict=True)
    ]
