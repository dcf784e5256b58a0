"""Feasibility of single pairs of a registration and a unit, and the broken rules behind each refusal."""

from collections.abc import Iterator

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
    """A hard rule that a registration would break in a unit, with the facts."""

    rule: str
    facts: Facts


def open_table(index: Index, registrations: list[Registration], without: str = "") -> Table:
    """Where each registration breaks no hard rule by itself, with only the fixed registrations placed.

    Shape: registrations x units. `without`: the code of a joint rule that is left out.
    """
    for _, rows in open_rows(index, registrations, max(1, len(registrations)), without):
        return rows
    return np.ones((0, len(index.units)), dtype=np.bool_)


def open_rows(
    index: Index, registrations: list[Registration], at_once: int, without: str = "", limit: Limit = NO_LIMIT
) -> Iterator[tuple[int, Table]]:
    """As `open_table`, in blocks of `at_once` rows to bound memory; each block with the number of its first row.

    Raises LimitReached.
    """
    joint = [rule.alone(index) for rule in JOINT_RULES if rule.code != without]
    for first, allowed in pair_rows(index, registrations, at_once, limit):
        for narrow in joint:
            limit.check()
            narrow(registrations[first : first + at_once], allowed)
        yield first, allowed


def pair_rows(
    index: Index, registrations: list[Registration], at_once: int, limit: Limit = NO_LIMIT
) -> Iterator[tuple[int, Table]]:
    """As `open_rows`, for the pair rules only."""
    tables = []
    for rule in PAIR_RULES:
        limit.check()
        tables.append(_rule_table(rule, index, registrations, list(index.units.values())))
    for first in range(0, len(registrations), at_once):
        rows = slice(first, first + at_once)
        allowed = np.ones((len(registrations[rows]), len(index.units)), dtype=np.bool_)
        for table, of in tables:
            allowed &= table[of[rows]]
        yield first, allowed


def open_in(index: Index, registrations: list[Registration], unit: Unit) -> list[Registration]:
    """Those of the registrations that break no hard rule by themselves in one unit, with only `fixed` placed."""
    allowed = np.ones(len(registrations), dtype=np.bool_)
    for rule in PAIR_RULES:
        table, of = _rule_table(rule, index, registrations, [unit])
        allowed &= table[of, 0]
    rows = (registration for registration, fine in zip(registrations, allowed.tolist(), strict=True) if fine)
    return [row for row in rows if all(joint.broken(index, row, unit) is None for joint in JOINT_RULES)]


def broken_rules(
    index: Index, registration: Registration, only: str | None = None
) -> dict[str, tuple[BrokenRule, ...]]:
    """For each unit (or only one), every hard rule that the registration breaks there with only `fixed` placed."""
    [found] = broken_by_each(index, [registration], only)
    return found


def broken_by_each(
    index: Index, registrations: list[Registration], only: str | None = None
) -> Iterator[dict[str, tuple[BrokenRule, ...]]]:
    """As `broken_rules` for several registrations, in their order; each rule is evaluated for all of them at once."""
    units = list(index.units.values()) if only is None else [index.units[only]]
    tables = [(rule, *_rule_table(rule, index, registrations, units)) for rule in PAIR_RULES]
    for row, registration in enumerate(registrations):
        found: list[list[BrokenRule]] = [[] for _ in units]
        for rule, table, of in tables:
            for column in np.flatnonzero(~table[of[row]]).tolist():
                found[column].append(BrokenRule(rule.code, rule.facts(index, registration, units[column])))
        for joint in JOINT_RULES:
            for column, unit in enumerate(units):
                facts = joint.broken(index, registration, unit)
                if facts is not None:
                    found[column].append(BrokenRule(joint.code, facts))
        yield {unit.id: tuple(broken) for unit, broken in zip(units, found, strict=True)}


def _rule_table(
    rule: PairRule, index: Index, registrations: list[Registration], units: list[Unit]
) -> tuple[Table, NDArray[np.intp]]:
    """Where one rule allows a pair, and the row of the table that belongs to each registration.

    The table has one row per distinct value of `asks`: there are many ages, and few distinct pairs of them.
    """
    asked = [rule.asks(registration) for registration in registrations]
    examples = dict(zip(asked, registrations, strict=True))
    position = {key: row for row, key in enumerate(examples)}
    table = rule.table(Grid(index, list(examples.values()), units))
    return table, np.array([position[key] for key in asked], dtype=np.intp)
