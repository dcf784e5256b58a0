"""Hard rule: the unit offers every specialism that the registration needs."""

from typing import ClassVar

import numpy as np

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import CodesRule, Grid, Sentences, Table
from matching.rules.changes import Change, Changes, of_unit


class NeedsRule(CodesRule):
    code = "needs"
    imposed_by = "coordinator"
    source = "needs"
    sentence = "missing here: {missing}"
    change_sentences: ClassVar[Sentences] = {
        "specialism": "if the shelter can offer this: {need}",
    }
    field = "needs"

    def table(self, grid: Grid) -> Table:
        wanted = grid.by_registration(lambda registration: len(set(registration.needs)))
        met = grid.common(self.codes, lambda unit: unit.specialisms)
        return np.asarray(met == wanted)

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"missing": sorted(set(registration.needs) - set(unit.specialisms))}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        for need in sorted(set(registration.needs) - set(unit.specialisms)):
            change = Change(self.code, "specialism", "shelter", {"need": need})
            yield change, of_unit(index, unit, specialisms=(*unit.specialisms, need))
