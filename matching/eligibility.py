"""Who may go where, looked at one by one; and the reasons behind each 'no'."""

from collections.abc import Iterator

import numpy as np
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
    for _, rows in pair_rows(index, registrations, max(1, len(registrations))):
        return rows
    return np.ones((0, len(index.units)), dtype=np.bool_)


def pair_rows(index: Index, registrations: list[Registration], at_once: int) -> Iterator[tuple[int, Table]]:
    """The same, some rows after the other, each with the number of its first row: so that memory stays bounded.

    A rule is asked once for all registrations that ask the same of it: there are many ages, and few pairs of them.
    """
    tables = []
    for rule in HARD_RULES:
        if isinstance(rule, PairRule):
            asked = [rule.asks(registration) for registration in registrations]
            examples = dict(zip(asked, registrations, strict=True))
            position = {key: row for row, key in enumerate(examples)}
            tables.append(
                (rule.table(Grid(index, list(examples.values()))), np.array([position[key] for key in asked]))
            )
    for first in range(0, len(registrations), at_once):
        rows = slice(first, first + at_once)
        allowed = _open_alone(index, registrations[rows])
        for table, of in tables:
            allowed &= table[of[rows]]
        yield first, allowed


def _open_alone(index: Index, registrations: list[Registration]) -> Table:
    """What joint rules leave open whoever else is placed: not where somebody to be kept apart from lives."""
    allowed = np.ones((len(registrations), len(index.units)), dtype=np.bool_)
    units = list(index.units.values())
    full = [column for column, unit in enumerate(units) if unit.high_care_limit == 0]
    for row, registration in enumerate(registrations):
        if registration.high_care:
            allowed[row, full] = False
        apart = index.apart_from[registration.id] & index.lives_at.keys()
        if apart:
            met = {location for other in apart for location in index.lives_at[other]}
            allowed[row, [column for column, unit in enumerate(units) if unit.location in met]] = False
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
