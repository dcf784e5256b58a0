"""A solution proven without a solver: all others keep their places, and the registration gets the best rooms left.

The proof is valid if the other registrations cannot gain from the changes. No total can then exceed the sum of three
parts: the best total of the others, the registration's points in the best rooms, and the most points that it can bring
to its group. A solution that reaches this sum is optimal.
"""

from matching.eligibility import JOINT_RULES
from matching.explanations.ways_out.case import Case
from matching.explanations.ways_out.lifts import ROOMS, broken_in
from matching.explanations.ways_out.other_registrations import Others
from matching.format.problem import Fixed
from matching.format.solution import Placement
from matching.index import Index
from matching.prepared_problem import PreparedProblem
from matching.rooms.choices import cheapest_within
from matching.rooms.spaces import Space, space_of, taken_of
from matching.work import OutOfSteps, Work

MOST_STEPS = 2_000  # the largest number of steps for a choice of beds; after that, a solver decides


def beside(case: Case, changed: PreparedProblem, others: Others) -> tuple[Placement, ...] | None:
    """Returns an optimal solution of the changed problem in which all others keep their places. Returns `None` if only
    a solver can decide.

    Valid only if the other registrations cannot gain from the changes.
    """
    theirs = others.best.placements
    own = _rooms_beside(case, changed, theirs)
    if own is None or not _is_allowed(case, changed.index, theirs):
        return None
    placements = tuple(sorted((*theirs, *own), key=lambda row: row.registration))
    brought = changed.valuation.objective(placements) - others.best.objective - sum(row.points for row in own)
    return placements if brought == _most_brought(case, changed.index) and _keep(theirs, changed) else None


def _keep(theirs: tuple[Placement, ...], changed: PreparedProblem) -> bool:
    """Checks whether the placements in `theirs` have the same points in the changed problem."""
    index = changed.index
    return all(
        row.points == changed.valuation.total(index.registrations[row.registration], index.units[row.unit], row.rooms)
        for row in theirs
    )


def _most_brought(case: Case, index: Index) -> int:
    """Returns the most points that the registration can earn by being at the same place as others of its group."""
    ids = [registration for registration, _ in case.parts]
    return sum(index.policy.together for name in ids if name in index.group_of and not index.group_of[name].must)


def _is_allowed(case: Case, changed: Index, theirs: tuple[Placement, ...]) -> bool:
    """Checks that, beside the placements in `theirs`, the registration breaks no joint rule. Ignores `rooms`."""
    fixed = {row.registration: row.unit for row in theirs} | dict(case.parts)
    index = changed.with_fixed(tuple(Fixed(*pair) for pair in fixed.items()))
    if any(broken_in(rule, case, index) for rule in JOINT_RULES if rule.code != ROOMS):
        return False
    bound = [index.bound_to(registration) for registration, _ in case.parts]
    return all(group is None or fixed.keys() >= set(group.members) for group in bound)


def _rooms_beside(case: Case, changed: PreparedProblem, theirs: tuple[Placement, ...]) -> list[Placement] | None:
    """Returns the placements of the registration, or of its parts, in rooms as good as the unit's best rooms. Returns
    `None` if the others leave no such rooms, or after too many steps.
    """
    index, valuation = changed.index, changed.valuation
    taken = list(theirs)
    for registration, unit in case.pairs():
        spaces = [space_of(room) for room in index.rooms_of[unit.id]]
        try:
            best, left = (
                cheapest_within(index, valuation, registration, unit, rooms, work=Work(MOST_STEPS))
                for rooms in (spaces, _left(spaces, taken, index))
            )
        except OutOfSteps:
            return None
        if best is None or left is None:
            return None
        points = valuation.total(registration, unit, left)
        if points != valuation.total(registration, unit, best):
            return None
        taken.append(Placement(registration.id, unit.id, left, points))
    return taken[len(theirs) :]


def _left(spaces: list[Space], taken: list[Placement], index: Index) -> list[Space]:
    """Returns the rooms of the unit with the beds that the placements in `taken` leave free."""
    left = {space.room.id: space for space in spaces}
    for row in taken:
        for use in row.rooms:
            if use.room in left:
                left[use.room] = taken_of(left[use.room], index.registrations[row.registration], use.persons)
    return list(left.values())
