"""Hard rule: the unit's location is not avoided by the registration."""

from collections.abc import Hashable

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, SafetyRule, Table


class AvoidedLocationRule(SafetyRule):
    code = "avoided_location"
    imposed_by = "coordinator"
    sentence = "this location is avoided"

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(registration.avoided_locations)

    def table(self, grid: Grid) -> Table:
        return ~grid.share(lambda row: row.avoided_locations, lambda unit: (grid.index.location_of(unit).id,))

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"location": index.location_of(unit).id}
