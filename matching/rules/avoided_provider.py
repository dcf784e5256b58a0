"""Hard rule: the unit's provider is not avoided by the registration."""

from collections.abc import Hashable

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, SafetyRule, Table


class AvoidedProviderRule(SafetyRule):
    code = "avoided_provider"
    imposed_by = "coordinator"
    sentence = "this provider is avoided"

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(registration.avoided_providers)

    def table(self, grid: Grid) -> Table:
        return ~grid.share(lambda row: row.avoided_providers, lambda unit: (grid.index.location_of(unit).provider,))

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"provider": index.location_of(unit).provider}
