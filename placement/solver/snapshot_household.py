"""Conversion of a household that the engine's format cannot express: a minor with an own child. In the engine, a child
is always a minor with an adult.

So parent and child become persons with the gender and age of the parent, who need a private room. The parent remains a
minor, and the age and gender of the child exclude no unit. Instead the child becomes a need. A unit meets this need if
its limits for children admit the child.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from matching import Advice, Problem
from placement.core import child_of_minor
from placement.core.child_of_minor import OwnChild
from placement.core.codes import Gender
from placement.registrations.household import counted_age, housed_as, parents_who_are_minors
from placement.tables import RegisteredPerson, Unit


@dataclass(frozen=True, slots=True)
class EngineHousehold:
    persons: list[dict[str, int | str]]
    own_children: frozenset[OwnChild]
    """The children of a minor. Empty for every other household."""


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
    """Checks whether the unit's limits for children admit this child."""
    limit = unit.boys_max_age if child.boy else unit.children_max_age
    return limit is not None and child.age <= min(limit, unit.children_max_age or 0)


def without_sharing(problem: Problem, advice: Advice) -> Advice:
    """Returns the advice, without changes that propose a shared room if the registration is of a minor with a child.
    Such a household needs a private room.
    """
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
