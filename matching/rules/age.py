"""Hard rule: every principal's age is within the unit's limits, inclusive."""

from collections.abc import Hashable

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, Table


class AgeRule:
    code = "age"

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


def _ages(registration: Registration) -> list[int]:
    return [person.age for person in registration.principals]
