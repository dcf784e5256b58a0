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

from placement.core.codes import Gender
from placement.registrations.household import counted_age, housed_as, parents_who_are_minors
from placement.tables import RegisteredPerson, Unit


@dataclass(frozen=True, slots=True, order=True)
class OwnChild:
    """A child of a minor, as a need that a unit meets by its limits for children."""

    age: int
    boy: bool

    @property
    def code(self) -> str:
        """As a need of the problem, whose words are in `placement/text/engine_words.py`."""
        return f"{'boy' if self.boy else 'child'}_of_{self.age}"

    def is_taken_by(self, unit: Unit) -> bool:
        limit = unit.boys_max_age if self.boy else unit.children_max_age
        return limit is not None and self.age <= min(limit, unit.children_max_age or 0)


@dataclass(frozen=True, slots=True)
class EngineHousehold:
    persons: list[dict[str, Any]]
    own_children: frozenset[OwnChild]
    """Of a minor; empty for every other household."""


def engine_household(persons: Sequence[RegisteredPerson], day: date) -> EngineHousehold:
    parents = parents_who_are_minors(persons, day)
    children = [person for person in persons if parents and not person.guardian]
    return EngineHousehold(
        persons=[
            {"gender": housed_as(taken).value, "age": counted_age(taken, day)}
            for taken in (parents[0] if person in children else person for person in persons)
        ],
        own_children=frozenset(
            OwnChild(counted_age(child, day), housed_as(child) is Gender.MALE) for child in children
        ),
    )
