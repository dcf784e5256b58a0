"""Hard rule: the unit's region is not avoided by the registration."""

from collections.abc import Hashable

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, SafetyRule, Table


class AvoidedRegionRule(SafetyRule):
    code = "avoided_region"
    imposed_by = "client"
    source = "avoided_region"
    sentence = "this region is avoided"

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(registration.avoided_regions)

    def table(self, grid: Grid) -> Table:
        return ~grid.share(lambda row: row.avoided_regions, lambda unit: (grid.index.location_of(unit).region,))

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"region": index.location_of(unit).region}
