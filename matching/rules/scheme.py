"""Hard rule: the unit's scheme is legally open to the registration."""

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import CodesRule, Grid, Table


class SchemeRule(CodesRule):
    code = "scheme"
    imposed_by = "law"
    source = "schemes"
    sentence = "the scheme of this unit ({scheme}) is not open; open are: {schemes}"
    field = "schemes"

    def table(self, grid: Grid) -> Table:
        return grid.share(self.codes, lambda unit: (unit.scheme,))

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"scheme": unit.scheme, "schemes": list(registration.schemes)}
