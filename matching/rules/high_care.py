"""Hard rule: the number of high-care registrations placed in a unit is at most the unit's limit."""

from typing import ClassVar

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Model, Narrow, Rule, Sentences, Table
from matching.rules.changes import Change, Changes, of_unit


class HighCareRule(Rule):
    code = "high_care"
    imposed_by = "shelter"
    sentence = "this unit can take {limit} more high-care registrations, which is too few"
    change_sentences: ClassVar[Sentences] = {
        "high_care_limit": "if the shelter makes place for {after} instead of {before} high-care registrations",
    }

    def alone(self, index: Index) -> Narrow:
        full = [
            column
            for column, unit in enumerate(index.units.values())
            if unit.high_care_limit is not None and _fixed(index, unit) >= unit.high_care_limit
        ]
        column_of = {unit: column for column, unit in enumerate(index.units)}

        def narrow(registrations: list[Registration], allowed: Table) -> None:
            for row, registration in enumerate(registrations):
                if registration.high_care:
                    own = index.fixed.get(registration.id)
                    was = own is not None and allowed[row, column_of[own]]
                    allowed[row, full] = False
                    if own is not None:
                        allowed[row, column_of[own]] = was and not self.broken(index, registration, index.units[own])

        return narrow

    def broken(self, index: Index, registration: Registration, unit: Unit) -> Facts | None:
        if not registration.high_care or unit.high_care_limit is None:
            return None
        others = _fixed(index, unit, without=registration.id)
        return {"limit": unit.high_care_limit} if others + 1 > unit.high_care_limit else None

    def constrain(self, model: Model) -> None:
        for unit in model.index.units.values():
            if unit.high_care_limit is not None:
                model.limit_high_care(unit.id, unit.high_care_limit)

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:  # noqa: ARG002 - all rules have this signature
        before = unit.high_care_limit or 0
        change = Change(self.code, "high_care_limit", "shelter", {"before": before, "after": before + 1})
        yield change, of_unit(index, unit, high_care_limit=before + 1)


def _fixed(index: Index, unit: Unit, without: str = "") -> int:
    """Returns the number of other high-care registrations that are fixed in the unit."""
    return sum(other.high_care for other in index.fixed_in(unit.id, without=without))
