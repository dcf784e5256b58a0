"""Hard rule: the unit is not one that the registration avoids."""

from collections.abc import Hashable

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, Table


class AvoidedUnitRule:
    code = "avoided_unit"

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(registration.avoided_units)

    def table(self, grid: Grid) -> Table:
        return ~grid.share(lambda registration: registration.avoided_units, lambda unit: (unit.id,))

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"unit": unit.id}
