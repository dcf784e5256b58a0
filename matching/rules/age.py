"""Hard rule: the ages of all principals (adults, or unaccompanied minors) are within the unit's limits, inclusive."""

from collections.abc import Hashable
from typing import ClassVar

from matching.format.problem import ADULT_AGE, Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import BY_HAND, Grid, Rule, Sentences, Table
from matching.rules.changes import MOST_YEARS, Change, Changes, of_unit


class AgeRule(Rule):
    code = "age"
    imposed_by = "shelter"
    waived_by = BY_HAND
    source = "age"
    sentence = "aged {ages}, this unit takes ages {min_age} to {max_age}"
    change_sentences: ClassVar[Sentences] = {
        "min_age": "if the shelter takes somebody aged {after} (now from {before})",
        "max_age": "if the shelter takes somebody aged {after} (now up to {before})",
    }

    def asks(self, registration: Registration) -> Hashable:
        return min(_ages(registration)), max(_ages(registration))

    def table(self, grid: Grid) -> Table:
        youngest = grid.by_registration(lambda registration: min(_ages(registration)))
        oldest = grid.by_registration(lambda registration: max(_ages(registration)))
        least, most = grid.by_unit(lambda unit: unit.min_age), grid.by_unit(lambda unit: unit.max_age)
        return (youngest >= least) & (oldest <= most)

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        failing = [age for age in _ages(registration) if not unit.min_age <= age <= unit.max_age]
        return {"ages": sorted(failing), "min_age": unit.min_age, "max_age": unit.max_age}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        """Yields changes of the age limits. No change makes a unit for adults take minors, or the reverse."""
        ages = [person.age for person in registration.principals]
        for limit, before, after in (("min_age", unit.min_age, min(ages)), ("max_age", unit.max_age, max(ages))):
            outside = before - after if limit == "min_age" else after - before
            crosses = min(before, after) < ADULT_AGE <= max(before, after)
            if 0 < outside <= MOST_YEARS and not crosses:
                change = Change(self.code, limit, "shelter", {"before": before, "after": after})
                yield change, of_unit(index, unit, **{limit: after})


def _ages(registration: Registration) -> list[int]:
    return [person.age for person in registration.principals]
