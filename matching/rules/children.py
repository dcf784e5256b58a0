"""Hard rule: the ages of all accompanied children are within the unit's limits. Boys have an additional age limit."""

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

from msgspec.structs import replace

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import BY_HAND, Grid, Rule, Sentences, Table
from matching.rules.changes import MOST_YEARS, Change, Changes, of_unit

NOBODY = -1  # the age of the oldest child if there are no children
NO_CHILDREN = -0.5  # the limit of a unit that takes no children: above NOBODY, below a newborn


class ChildrenRule(Rule):
    code = "children"
    imposed_by = "shelter"
    waived_by = BY_HAND
    sentences: ClassVar[Sentences] = {
        "": "children aged {ages}; this unit takes them up to {max_age}, boys up to {boys_max_age}",
        "none": "children aged {ages}; this unit takes no children",
    }
    change_sentences: ClassVar[Sentences] = {
        "max_age": "if the shelter takes somebody aged {after} (now up to {before})",
        "boys_max_age": "if the shelter takes a boy aged {after} (now up to {before})",
    }

    def way(self, facts: Mapping[str, Any]) -> str:
        return "none" if facts["max_age"] is None else ""

    def asks(self, registration: Registration) -> Hashable:
        return _oldest(registration), _oldest_boy(registration)

    def table(self, grid: Grid) -> Table:
        oldest, oldest_boy = grid.by_registration(_oldest), grid.by_registration(_oldest_boy)
        most = grid.by_unit(lambda unit: unit.children.max_age if unit.children else NO_CHILDREN)
        most_boys = grid.by_unit(lambda unit: unit.children.boys_max_age if unit.children else NO_CHILDREN)
        return (oldest <= most) & (oldest_boy <= most_boys)

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        limits = unit.children
        if limits is None:
            ages = sorted(child.age for child in registration.children)
            return {"ages": ages, "max_age": None, "boys_max_age": None}
        ages = sorted(
            child.age
            for child in registration.children
            if child.age > limits.max_age or (child.gender == "male" and child.age > limits.boys_max_age)
        )
        return {"ages": ages, "max_age": limits.max_age, "boys_max_age": limits.boys_max_age}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        limits = unit.children
        if limits is None:
            return
        boys = [child.age for child in registration.children if child.gender == "male"]
        everybody = [child.age for child in registration.children]
        for limit, before, ages in (
            ("max_age", limits.max_age, everybody),
            ("boys_max_age", limits.boys_max_age, boys),
        ):
            after = max(ages, default=0)
            if 0 < after - before <= MOST_YEARS:
                change = Change(self.code, limit, "shelter", {"before": before, "after": after})
                yield change, of_unit(index, unit, children=replace(limits, **{limit: after}))


def _oldest(registration: Registration) -> int:
    return max((child.age for child in registration.children), default=NOBODY)


def _oldest_boy(registration: Registration) -> int:
    return max((child.age for child in registration.children if child.gender == "male"), default=NOBODY)
