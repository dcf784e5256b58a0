"""Small changes of a problem that may open a closed unit, and functions that apply them."""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from matching.format.problem import Problem, Registration, Unit
from matching.format.solution import Facts
from matching.index import Index

Who = Literal["client", "registrant", "shelter", "coordinator", "desk"]

MOST_CHANGES = 4  # the largest number of changes in a way out
MOST_YEARS = 2  # the largest change of an age limit, in years


class Change(Struct, frozen=True):
    """A small change. `what`: the changed thing. `rule`: the rule that offers the change. `who`: the party that must
    agree. `facts`: the values before and after.
    """

    rule: str
    what: str
    who: Who
    facts: Facts


Tried = tuple[Change, Problem]
Changes = Iterator[Tried]


def of_registration(index: Index, registration: Registration, **changed: Any) -> Problem:
    """Returns the problem with this registration changed."""
    rows = (replace(row, **changed) if row.id == registration.id else row for row in index.problem.registrations)
    return replace(index.problem, registrations=tuple(rows))


def of_unit(index: Index, unit: Unit, **changed: Any) -> Problem:
    """Returns the problem with this unit changed."""
    rows = (replace(row, **changed) if row.id == unit.id else row for row in index.problem.units)
    return replace(index.problem, units=tuple(rows))
