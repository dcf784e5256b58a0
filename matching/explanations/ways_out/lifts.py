"""The minimal sets of edits that lift one rule in one case; what lifts one rule does not touch another."""

from collections.abc import Callable, Sequence
from itertools import combinations

from msgspec.structs import replace

from matching.explanations.ways_out.case import Case
from matching.explanations.ways_out.vocabulary import Edit, moves, offered, third_rooms, waiver
from matching.format.problem import Fixed
from matching.format.solution import Facts
from matching.index import Index
from matching.rooms.allocation import has_rooms
from matching.rules.base import Grid, JointRule, PairRule, Rule

Edits = tuple[Edit, ...]
ROOMS = "rooms"


def carried_out(case: Case, edits: Sequence[Edit]) -> Case | None:
    """The case with these edits, in any order; None where they cannot be made together."""
    changed: Case | None = case
    for edit in sorted(edits, key=lambda edit: edit.order):
        if changed is None:
            return None
        changed = edit.make(changed)
    return changed


def compatible(edits: Sequence[Edit]) -> bool:
    """Whether no two are values of one change, and no room is both left and entered."""
    slots = [edit.slot for edit in edits if edit.slot]
    left = {edit.step.facts["room"] for edit in edits if "to" in edit.step.facts}
    entered = {edit.step.facts["to"] for edit in edits if "to" in edit.step.facts}
    return len(slots) == len(set(slots)) and not left & entered


def covers(less: Edits, more: Edits) -> bool:
    """Whether each edit of `less` is in `more`, or a larger value of the same change is."""
    return all(any(edit is other or _is_smaller(edit, other) for other in more) for edit in less)


def _is_smaller(edit: Edit, other: Edit) -> bool:
    if edit.rank is None or other.rank is None:
        return False
    return edit.slot == other.slot and edit.rank < other.rank


def minimal(edits: Sequence[Edit], lifted: Callable[[Edits], bool], sizes: range, known: list[Edits]) -> list[Edits]:
    """The sets of these sizes that lift a rule and of which no smaller one does; they are added to `known`."""
    found = []
    for size in sizes:
        for chosen in combinations(edits, size):
            if compatible(chosen) and not any(covers(less, chosen) for less in known) and lifted(chosen):
                found.append(chosen)
                known[:] = [other for other in known if not covers(chosen, other)] + [chosen]
    return found


def with_parts_fixed(case: Case) -> Index:
    """The index of the case with the registration, or all its parts, in place."""
    fixed = tuple(Fixed(registration, unit) for registration, unit in case.parts)
    return Index(replace(case.problem, fixed=(*case.problem.fixed, *fixed)))


def broken_in(rule: Rule, case: Case, index: Index | None = None) -> tuple[str, Facts] | None:
    """The unit and the facts of the first pair of the case that breaks the rule; None if none does, or it is waived."""
    if rule.code in case.waived:
        return None
    index = index or with_parts_fixed(case)
    for registration, unit in case.pairs():
        facts: Facts | None = None
        if isinstance(rule, PairRule):
            if not rule.table(Grid(index, [registration], [unit]))[0, 0]:
                facts = rule.facts(index, registration, unit)
        elif isinstance(rule, JointRule):
            facts = rule.broken(index, registration, unit)
        if facts is not None:
            return unit.id, facts
    return None


def lifts(rule: Rule, index: Index, case: Case, broken: tuple[str, Facts], most: int) -> list[Edits]:
    """The minimal sets that lift any rule but `rooms`: of its own changes, or else its waiver. `index`: of the case."""
    own = offered(rule, index, case)

    def lifted(edits: Edits) -> bool:
        changed = carried_out(case, edits)
        if changed is None:
            return False
        return broken_in(rule, changed, index if isinstance(rule, PairRule) else None) is None

    found = minimal(own, lifted, range(1, most + 1), [])
    if found:
        return found
    waived = waiver(rule, *broken)
    return [(waived,)] if waived and most else []


class RoomLifts:
    """The minimal sets that give rooms to the registration, or to each of its parts, found size by size."""

    def __init__(self, rule: Rule, index: Index, case: Case) -> None:
        self.case = _near(case)
        self.known: list[Edits] = []
        units = dict.fromkeys(unit for _, unit in case.parts)
        rooms = [room for unit in units for room in index.rooms_of[unit]]
        self.is_hopeless = any(not self._enough(unit) for unit in units)
        self.edits: list[Edit] = []
        if not self.is_hopeless:
            self.edits = offered(rule, index, case)
            for unit in units:
                here = [room for room in rooms if room.unit == unit]
                self.edits += [*moves(here, case), *third_rooms(here, case)]

    def _enough(self, unit: str) -> bool:
        """Whether the unit has a free bed for each of them: no change makes more beds."""
        persons = sum(len(row.persons) for row, there in self.case.pairs() if there.id == unit)
        return persons <= sum(room.free_beds for room in self.case.problem.rooms if room.unit == unit)

    def of_size(self, size: int) -> list[Edits]:
        return minimal(self.edits, self._lifted, range(size, size + 1), self.known)

    def _lifted(self, edits: Edits) -> bool:
        changed = carried_out(self.case, edits)
        return changed is not None and has_all_rooms(changed)


def _near(case: Case) -> Case:
    """The case with no more of the problem than decides about rooms in its units."""
    units = {unit for _, unit in case.parts}
    fixed = tuple(row for row in case.problem.fixed if row.unit in units)
    ids = {row.registration for row in fixed} | {registration for registration, _ in case.parts}
    part = replace(
        case.problem,
        units=tuple(row for row in case.problem.units if row.id in units),
        rooms=tuple(row for row in case.problem.rooms if row.unit in units),
        registrations=tuple(row for row in case.problem.registrations if row.id in ids),
        fixed=fixed,
    )
    return case._replace(problem=part)


def has_all_rooms(case: Case) -> bool:
    """Whether the registration, or each of its parts, has rooms in its unit beside those who are fixed there.

    Raises Undecided.
    """
    index = Index(case.problem)
    for unit in {unit for _, unit in case.parts}:
        here = [row for row, there in case.pairs() if there.id == unit]
        if not has_rooms(index, unit, [*here, *index.fixed_in(unit, without="")]):
            return False
    return True
