"""Functions about a single registration in a single unit, without regard to other registrations."""

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
    """Returns the rooms in this unit with the least waste for this registration, or `None` if it has no choice.

    Considers only the rule `rooms`: an override of another rule still needs existing beds.
    Raises UnknownRegistration, and KeyError for a unit that is not in the problem.
    """
    index = Index(problem)
    spaces = [space_of(room) for room in index.rooms_of[unit_id]]
    return cheapest(index, Valuation(index), known(index, registration_id), index.units[unit_id], spaces)


def points(problem: Problem, registration_id: str, unit_id: str, rooms: Sequence[RoomUse]) -> Points:
    """Returns the points of a registration in a unit and its `rooms`, by term; a loss is negative.

    Checks no rules, so a placement by override has points too. Raises UnknownRegistration, and KeyError for a unit or a
    room that is not in the problem.
    """
    index = Index(problem)
    return Valuation(index).points(known(index, registration_id), index.units[unit_id], rooms)


def broken_in_pairs(problem: Problem, pairs: Sequence[tuple[str, str]]) -> list[frozenset[str]]:
    """Returns, for each of the `pairs` (registration, unit), the codes of the rules that it breaks, without regard to
    the unit's residents.

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
