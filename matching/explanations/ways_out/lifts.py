"""The smallest sets of edits after which a case no longer breaks a rule. Such a set *lifts* the rule. An edit for one
rule does not affect other rules.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

from matching.eligibility import JOINT_RULES, PAIR_RULES
from matching.explanations.ways_out.case import Case
from matching.explanations.ways_out.vocabulary import Edit, moves, offered, third_rooms, waiver
from matching.format.problem import Fixed
from matching.format.solution import Facts
from matching.index import Index
from matching.rooms.allocation import has_rooms
from matching.rules.base import Grid, Rule

Edits = tuple[Edit, ...]
ROOMS = "rooms"
_PAIR = {rule.code: rule for rule in PAIR_RULES}
_JOINT = {rule.code: rule for rule in JOINT_RULES}


def carried_out(case: Case, edits: Sequence[Edit]) -> Case | None:
    """Returns the case after these edits, whose order does not matter; `None` if the edits cannot be combined."""
    changed: Case | None = case
    for edit in sorted(edits, key=lambda edit: edit.order):
        if changed is None:
            return None
        changed = edit.make(changed)
    return changed


def compatible(edits: Sequence[Edit]) -> bool:
    """Checks that all edits have different slots, and that no household enters a room that another household leaves."""
    slots = [edit.slot for edit in edits if edit.slot]
    left = {edit.step.facts["room"] for edit in edits if "to" in edit.step.facts}
    entered = {edit.step.facts["to"] for edit in edits if "to" in edit.step.facts}
    return len(slots) == len(set(slots)) and not left & entered


def covers(less: Edits, more: Edits) -> bool:
    """Checks whether `more` contains each edit of `less`, or the same edit with a larger change of the value."""
    return all(any(edit is other or _is_smaller(edit, other) for other in more) for edit in less)


def _is_smaller(edit: Edit, other: Edit) -> bool:
    if edit.rank is None or other.rank is None:
        return False
    return edit.slot == other.slot and edit.rank < other.rank


def minimal(edits: Sequence[Edit], lifted: Callable[[Edits], bool], sizes: range, known: list[Edits]) -> list[Edits]:
    """Returns the sets of edits that lift a rule and contain no smaller set that lifts it. `sizes`: the numbers of
    edits to try. `known`: sets found before; the new sets are added.
    """
    found = []
    for size in sizes:
        for chosen in combinations(edits, size):
            if compatible(chosen) and not any(covers(less, chosen) for less in known) and lifted(chosen):
                found.append(chosen)
                known[:] = [other for other in known if not covers(chosen, other)] + [chosen]
    return found


def with_parts_fixed(case: Case, index: Index | None = None) -> Index:
    """Returns the index of the case in which the registration, or each of its parts, is fixed in its unit. `index`: the
    index of the case, if known.
    """
    fixed = tuple(Fixed(registration, unit) for registration, unit in case.parts)
    return (index or Index(case.problem)).with_fixed((*case.problem.fixed, *fixed))


def broken_in(rule: Rule, case: Case, index: Index | None = None) -> tuple[str, Facts] | None:
    """Returns the unit and the facts of the first part that breaks the rule; `None` if no part breaks it."""
    if rule.code in case.waived:
        return None
    index = index or with_parts_fixed(case)
    pair, joint = _PAIR.get(rule.code), _JOINT.get(rule.code)
    for registration, unit in case.pairs():
        facts: Facts | None = None
        if joint is not None:
            facts = joint.broken(index, registration, unit)
        elif pair is not None and not pair.table(Grid(index, [registration], [unit]))[0, 0]:
            facts = pair.facts(index, registration, unit)
        if facts is not None:
            return unit.id, facts
    return None


def lifts(rule: Rule, index: Index, case: Case, broken: tuple[str, Facts], most: int) -> list[Edits]:
    """Returns the smallest sets of edits that lift a rule other than `rooms`. `index`: the index of the case."""
    own = offered(rule, index, case)

    def lifted(edits: Edits) -> bool:
        changed = carried_out(case, edits)
        if changed is None:
            return False
        return broken_in(rule, changed, index if rule.code in _PAIR else None) is None

    found = minimal(own, lifted, range(1, most + 1), [])
    if found:
        return found
    waived = waiver(rule, *broken)
    return [(waived,)] if waived and most else []


class RoomLifts:
    """The smallest sets of edits after which the registration, or each of its parts, has rooms. The caller asks for
    small sets first.

    `index`: the index of the case.
    """

    def __init__(self, rule: Rule, index: Index, case: Case) -> None:
        self.case = case
        self.known: list[Edits] = []
        self.edits = offered(rule, index, case)
        for unit in dict.fromkeys(unit for _, unit in case.parts):
            self.edits += [*moves(index.rooms_of[unit], case), *third_rooms(index.rooms_of[unit], case)]

    def of_size(self, size: int) -> list[Edits]:
        return minimal(self.edits, self._lifted, range(size, size + 1), self.known)

    def _lifted(self, edits: Edits) -> bool:
        changed = carried_out(self.case, edits)
        return changed is not None and has_all_rooms(changed)


def has_all_rooms(case: Case) -> bool:
    """Checks whether the unit of each part has rooms for it beside the fixed registrations. Raises Undecided."""
    index = Index(case.problem)
    for unit in {unit for _, unit in case.parts}:
        here = [row for row, there in case.pairs() if there.id == unit]
        if not has_rooms(index, unit, [*here, *index.fixed_in(unit, without="")]):
            return False
    return True
