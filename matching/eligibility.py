"""Eligibility: the units in which each registration breaks no hard rule, and the broken rules in all other units."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.limit import NO_LIMIT, Limit
from matching.rules import HARD_RULES
from matching.rules.base import Grid, JointRule, PairRule, Table

PAIR_RULES = tuple(rule for rule in HARD_RULES if isinstance(rule, PairRule))
JOINT_RULES = tuple(rule for rule in HARD_RULES if isinstance(rule, JointRule))


class BrokenRule(Struct, frozen=True):
    """A hard rule that a registration would break in a unit. `facts`: the values that the rule compared."""

    rule: str
    facts: Facts


class RuleTable(NamedTuple):
    """The result of a pair rule. `table`: true for allowed pairs. `of`: the row of each registration in `table`."""

    rule: PairRule
    table: Table
    of: NDArray[np.intp]


def pair_tables(
    index: Index, registrations: Sequence[Registration], units: Sequence[Unit] | None = None, limit: Limit = NO_LIMIT
) -> list[RuleTable]:
    """Returns a table for each pair rule. `units`: the columns (default: all units). Raises LimitReached."""
    columns = list(index.units.values()) if units is None else units
    found = []
    for rule in PAIR_RULES:
        limit.check()
        found.append(_rule_table(rule, index, registrations, columns))
    return found


def rows_of(tables: Sequence[RuleTable], rows: Sequence[int]) -> list[RuleTable]:
    """Returns the tables for a selection of registrations. `rows`: the positions of the selected registrations."""
    return [RuleTable(rule, table, of[rows]) for rule, table, of in tables]


def open_table(
    index: Index, registrations: list[Registration], without: str = "", tables: Sequence[RuleTable] | None = None
) -> Table:
    """Returns whether each pair breaks no hard rule if only fixed registrations are placed.

    Shape: registrations x units. `without`: the code of a joint rule to ignore. `tables`: the pair tables of these
    registrations, if known.
    """
    for _, rows in open_rows(index, registrations, max(1, len(registrations)), without=without, tables=tables):
        return rows
    return np.ones((0, len(index.units)), dtype=np.bool_)


def open_rows(
    index: Index,
    registrations: list[Registration],
    at_once: int,
    *,
    without: str = "",
    limit: Limit = NO_LIMIT,
    tables: Sequence[RuleTable] | None = None,
) -> Iterator[tuple[int, Table]]:
    """Yields the table of `open_table` in blocks of `at_once` rows, each with the number of its first row. Blocks need
    less memory.

    Raises LimitReached.
    """
    joint = [rule.alone(index) for rule in JOINT_RULES if rule.code != without]
    for first, allowed in pair_rows(index, registrations, at_once, limit, tables):
        for narrow in joint:
            limit.check()
            narrow(registrations[first : first + at_once], allowed)
        yield first, allowed


def pair_rows(
    index: Index,
    registrations: list[Registration],
    at_once: int,
    limit: Limit = NO_LIMIT,
    tables: Sequence[RuleTable] | None = None,
) -> Iterator[tuple[int, Table]]:
    """Yields blocks of the table as `open_rows` does, but evaluates only the pair rules."""
    if tables is None:
        tables = pair_tables(index, registrations, limit=limit)
    for first in range(0, len(registrations), at_once):
        rows = slice(first, first + at_once)
        allowed = np.ones((len(registrations[rows]), len(index.units)), dtype=np.bool_)
        for _, table, of in tables:
            allowed &= table[of[rows]]
        yield first, allowed


def open_in(index: Index, registrations: list[Registration], unit: Unit) -> list[Registration]:
    """Returns the registrations that break no hard rule in this unit, if only fixed registrations are placed."""
    allowed = np.ones(len(registrations), dtype=np.bool_)
    for _, table, of in pair_tables(index, registrations, [unit]):
        allowed &= table[of, 0]
    rows = (registration for registration, fine in zip(registrations, allowed.tolist(), strict=True) if fine)
    return [row for row in rows if all(joint.broken(index, row, unit) is None for joint in JOINT_RULES)]


def broken_rules(
    index: Index, registration: Registration, only: str | None = None
) -> dict[str, tuple[BrokenRule, ...]]:
    """Returns the hard rules that a registration breaks in each unit, if only fixed registrations are placed. `only`:
    the id of a single unit to check.
    """
    [found] = broken_by_each(index, [registration], only)
    return found


def broken_by_each(
    index: Index, registrations: list[Registration], only: str | None = None
) -> Iterator[dict[str, tuple[BrokenRule, ...]]]:
    """Yields the result of `broken_rules` for each registration in order. Evaluates each rule only once."""
    units = list(index.units.values()) if only is None else [index.units[only]]
    tables = pair_tables(index, registrations, units)
    for row, registration in enumerate(registrations):
        yield broken_by(index, registration, units, tables, row)


def broken_by(
    index: Index, registration: Registration, units: Sequence[Unit], tables: Sequence[RuleTable], row: int
) -> dict[str, tuple[BrokenRule, ...]]:
    """Returns the result of `broken_rules` from pair tables. `row`: the position of the registration in the tables."""
    found: list[list[BrokenRule]] = [[] for _ in units]
    for rule, table, of in tables:
        for column in np.flatnonzero(~table[of[row]]).tolist():
            found[column].append(BrokenRule(rule.code, rule.facts(index, registration, units[column])))
    for joint in JOINT_RULES:
        for column, unit in enumerate(units):
            facts = joint.broken(index, registration, unit)
            if facts is not None:
                found[column].append(BrokenRule(joint.code, facts))
    return {unit.id: tuple(broken) for unit, broken in zip(units, found, strict=True)}


def _rule_table(
    rule: PairRule, index: Index, registrations: Sequence[Registration], units: Sequence[Unit]
) -> RuleTable:
    """Returns the table of a pair rule. Registrations with equal results of `asks` share a row."""
    asked = [rule.asks(registration) for registration in registrations]
    examples = dict(zip(asked, registrations, strict=True))
    position = {key: row for row, key in enumerate(examples)}
    table = rule.table(Grid(index, list(examples.values()), units))
    return RuleTable(rule, table, np.array([position[key] for key in asked], dtype=np.intp))
