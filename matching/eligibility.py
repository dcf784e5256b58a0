"""Who may go where, looked at one by one; and the reasons behind each 'no'."""

from msgspec import Struct

from matching.index import Index
from matching.problem import Registration, Unit
from matching.rules import HARD_RULES
from matching.rules.base import Grid, JointRule, PairRule, Table
from matching.solution import Facts


class BrokenRule(Struct, frozen=True):
    """A hard rule that a registration would break in a unit, with the facts of it."""

    rule: str
    facts: Facts


def pair_table(index: Index, registrations: list[Registration]) -> Table:
    """Where every pair rule allows: a row for each registration, a column for each unit of the index."""
    grid = Grid(index, registrations)
    tables = [rule.table(grid) for rule in HARD_RULES if isinstance(rule, PairRule)]
    allowed = tables[0]
    for table in tables[1:]:
        allowed = allowed & table
    return allowed


def broken_rules(
    index: Index, registration: Registration, only: str | None = None
) -> dict[str, tuple[BrokenRule, ...]]:
    """For every unit (or one), every hard rule that the registration breaks there with only the fixed ones placed."""
    grid = Grid(index, [registration])
    allowed = {rule.code: rule.table(grid)[0] for rule in HARD_RULES if isinstance(rule, PairRule)}

    def broken(column: int, unit: Unit) -> tuple[BrokenRule, ...]:
        found = []
        for rule in HARD_RULES:
            if isinstance(rule, JointRule):
                facts = rule.broken(index, registration, unit)
            else:
                facts = None if allowed[rule.code][column] else rule.facts(index, registration, unit)
            if facts is not None:
                found.append(BrokenRule(rule.code, facts))
        return tuple(found)

    return {unit.id: broken(column, unit) for column, unit in enumerate(grid.units) if only in (None, unit.id)}
