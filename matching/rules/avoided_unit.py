"""Hard rule: the unit is not avoided by the registration."""

from typing import ClassVar

from matching.format.problem import Registration, Unit
from matching.index import Index
from matching.rules.base import AvoidedRule, Sentences
from matching.rules.changes import Change, Changes, of_registration


class AvoidedUnitRule(AvoidedRule):
    code = "avoided_unit"
    imposed_by = "coordinator"
    sentence = "this unit is avoided"
    change_sentences: ClassVar[Sentences] = {
        "avoided_unit": "if the care coordinator lifts the avoidance of this unit",
    }
    field = "avoided_units"

    def id_of(self, index: Index, unit: Unit) -> str:  # noqa: ARG002 - the unit has its own id
        return unit.id

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        avoided = tuple(other for other in registration.avoided_units if other != unit.id)
        change = Change(self.code, "avoided_unit", "coordinator", {"unit": unit.id})
        yield change, of_registration(index, registration, avoided_units=avoided)
