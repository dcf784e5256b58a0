"""Hard rule: the unit is not avoided by the registration."""

from collections.abc import Hashable
from typing import ClassVar

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, SafetyRule, Sentences, Table
from matching.rules.changes import Change, Changes, of_registration


class AvoidedUnitRule(SafetyRule):
    code = "avoided_unit"
    imposed_by = "coordinator"
    sentence = "this unit is avoided"
    change_sentences: ClassVar[Sentences] = {
        "avoided_unit": "if the care coordinator lifts the avoidance of this unit",
    }

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(registration.avoided_units)

    def table(self, grid: Grid) -> Table:
        return ~grid.share(lambda registration: registration.avoided_units, lambda unit: (unit.id,))

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"unit": unit.id}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        avoided = tuple(other for other in registration.avoided_units if other != unit.id)
        change = Change(self.code, "avoided_unit", "coordinator", {"unit": unit.id})
        yield change, of_registration(index, registration, avoided_units=avoided)
