"""Hard rule: if the client does not accept a mixed house, the unit admits only the principals' genders and `other`."""

from collections.abc import Hashable
from typing import ClassVar

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, Rule, Sentences, Table
from matching.rules.changes import Change, Changes, of_registration


class MixedAcceptedRule(Rule):
    code = "mixed_accepted"
    imposed_by = "client"
    sentence = "a mixed house ({admits}) is not accepted"
    change_sentences: ClassVar[Sentences] = {
        "accepts_mixed": "if the client accepts a mixed house ({admits})",
    }

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(_unwelcome(registration))

    def table(self, grid: Grid) -> Table:
        return ~grid.share(_unwelcome, lambda unit: unit.admits)

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"admits": sorted(set(unit.admits))}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        facts = {"admits": sorted(set(unit.admits)), "before": False, "after": True}
        change = Change(self.code, "accepts_mixed", "client", facts)
        yield change, of_registration(index, registration, accepts_mixed=True)


def _unwelcome(registration: Registration) -> set[str]:
    """Returns the genders that make a house mixed for this registration."""
    if registration.accepts_mixed:
        return set()
    return {"female", "male"} - {person.gender for person in registration.principals}
