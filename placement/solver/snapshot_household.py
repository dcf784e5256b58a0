"""Persons as the engine takes them, where its words have no place for who they are.

For the engine a child is a minor with an adult. A minor with a child of their own is given to it as a household of two
of the parent's kind who want a room for themselves; what the unit's limits for children say of the child becomes a need
that only those units meet which take a child of that age. So the parent is a minor, and the child bars no unit by the
age or gender that it admits on its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from matching import Advice, Problem
from placement.core import child_of_minor
from placement.core.child_of_minor import OwnChild
from placement.core.codes import Gender
from placement.registrations.household import counted_age, housed_as, parents_who_are_minors
from placement.tables import RegisteredPerson, Unit


@dataclass(frozen=True, slots=True)
class EngineHousehold:
    persons: list[dict[str, Any]]
    own_children: frozenset[OwnChild]
    """Of a minor; empty for every other household."""


def engine_household(persons: Sequence[RegisteredPerson], day: date) -> EngineHousehold:
    parents = parents_who_are_minors(persons, day)
    given, own_children = [], set()
    for person in persons:
        taken_as = person
        if parents and not person.guardian:
            taken_as = parents[0]
            own_children.add(OwnChild(counted_age(person, day), housed_as(person) is Gender.MALE))
        given.append({"gender": housed_as(taken_as).value, "age": counted_age(taken_as, day)})
    return EngineHousehold(given, frozenset(own_children))


def is_taken_by(child: OwnChild, unit: Unit) -> bool:
    """Whether the unit's limits for children let it take this one."""
    limit = unit.boys_max_age if child.boy else unit.children_max_age
    return limit is not None and child.age <= min(limit, unit.children_max_age or 0)


def without_sharing(problem: Problem, advice: Advice) -> Advice:
    """The advice, for a minor with a child without the changes by which they would share a room: it is no wish."""
    [needs] = [row.needs for row in problem.registrations if row.id == advice.registration]
    if not any(child_of_minor.named(need) for need in needs):
        return advice
    replaced = msgspec.structs.replace
    units = [
        replaced(unit, change=None) if unit.change and unit.change.what == "private_room" else unit
        for unit in advice.units
    ]
    ways = [way for way in advice.ways_out if all(step.what != "private_room" for step in way.changes)]
    return replaced(advice, units=tuple(units), ways_out=tuple(ways))
