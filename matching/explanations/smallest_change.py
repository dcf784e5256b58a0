"""The smallest change that would open a unit to a registration, if exactly one rule closes the unit.

The result is a suggestion for people to discuss. Each change that the rule offers is tried on a copy of the problem.
"""

from matching.eligibility import BrokenRule
from matching.explanations.ways_out.case import Case
from matching.explanations.ways_out.lifts import broken_in
from matching.format.problem import Registration, Unit
from matching.index import Index
from matching.rules import HARD_RULES
from matching.rules.changes import Change

_BY_CODE = {rule.code: rule for rule in HARD_RULES}


def small_change(index: Index, registration: Registration, unit: Unit, broken: BrokenRule) -> Change | None:
    """Returns the first change that the broken rule offers and that opens the unit; `None` if no change opens it."""
    rule = _BY_CODE[broken.rule]
    for change, problem in rule.changes(index, registration, unit):
        case = Case(problem, ((registration.id, unit.id),)).nearby()
        if broken_in(rule, case, Index(case.problem)) is None:  # no other rule depends on this change
            return change
    return None
