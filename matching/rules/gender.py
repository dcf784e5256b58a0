"""Hard rule: the unit admits the genders of all principals (the adults, or unaccompanied minors)."""

from collections.abc import Hashable

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import BY_HAND, Grid, Rule, Table

GENDERS = ("female", "male", "other")


class GenderRule(Rule):
    code = "gender"
    imposed_by = "shelter"
    waived_by = BY_HAND
    source = "gender"
    sentence = "this unit admits {admits}; the registration is for: {genders}"

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(person.gender for person in registration.principals)

    def table(self, grid: Grid) -> Table:
        return ~grid.share(_genders, lambda unit: set(GENDERS) - set(unit.admits))

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"genders": sorted(_genders(registration)), "admits": sorted(set(unit.admits))}


def _genders(registration: Registration) -> set[str]:
    return {person.gender for person in registration.principals}
