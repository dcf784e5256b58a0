"""Implied rows: constraints that every whole-number solution obeys, but that a solution of the relaxation may break.
Such rows make the bound smaller.

Two choices *exclude* each other if a room does not have the beds for both. Each row limits a sum of variables:

- The variable for a registration's use of a room is at most the variable that gives the room the registration's kind.
- For two members of a group that must be together: a choice of the first is at most a sum of choices of the second.
  These are the choices at the same place that the first choice does not exclude.
- A household's variable for a unit is at most its use of a room, if the unit has too few beds without that room.
- For a household and another registration in a unit: the household's variable, and the choices of the other
  registration that leave the household too few beds, have a sum of at most 1.
- For two registrations in a unit: some choices of the first, and the choices of the second that each of those choices
  excludes, have a sum of at most 1.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.exact.builder import Household, ModelBuilder
from matching.format.problem import Registration
from matching.index import Index


class Implied(NamedTuple):
    """An implied row: the weights of its variables, and the upper limit of their weighted sum (`most`). `unit`: the
    unit whose extra rooms raise the limit by 1; empty if no room raises it.
    """

    weights: dict[int, int]
    most: int
    unit: str = ""


class _Choice(NamedTuple):
    """A choice of rooms, with the beds taken in each room. `whole`: true if nobody else may use these rooms."""

    column: int
    unit: str
    beds: dict[str, int]
    whole: bool


class Flat(NamedTuple):
    """Rows as arrays: row, variable (`column`) and weight of each entry, and the upper limit of each row (`most`)."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    weight: NDArray[np.float64]
    most: NDArray[np.float64]


def flat(rows: Sequence[Implied]) -> Flat:
    return Flat(
        np.repeat(np.arange(len(rows)), [len(row.weights) for row in rows]),
        np.array([column for row in rows for column in row.weights], dtype=np.int64),
        np.array([weight for row in rows for weight in row.weights.values()], dtype=np.float64),
        np.array([row.most for row in rows], dtype=np.float64),
    )


def implied_rows(builder: ModelBuilder, extra: Collection[str]) -> Iterator[Implied]:
    """Yields the implied rows of a model. `extra`: ids of extra rooms, which the relaxation can close."""
    for guest, theirs in builder.tied:
        yield Implied({guest.index: 1, theirs.index: -1}, 0)
    choices: defaultdict[str, list[_Choice]] = defaultdict(list)
    for column, (name, unit, uses) in builder.allocation.items():
        whole = builder.index.registrations[name].is_private
        choices[name].append(_Choice(column, unit, {use.room: use.persons for use in uses}, whole))
    yield from _of_groups(builder, choices)
    by_unit: defaultdict[str, defaultdict[str, list[_Choice]]] = defaultdict(lambda: defaultdict(list))
    for name, of in choices.items():
        for choice in of:
            by_unit[choice.unit][name].append(choice)
    yield from _of_households(builder, by_unit, extra)
    for in_unit in by_unit.values():
        for first, second in permutations(in_unit, 2):
            yield from _of_pair(builder, first, in_unit[first], second, in_unit[second])


def _of_pair(
    builder: ModelBuilder, first: str, choices: list[_Choice], second: str, others: list[_Choice]
) -> Iterator[Implied]:
    for choice in choices:
        if len(choice.beds) > 1:
            beside = [row for row in others if not _fit(builder, first, choice, second, row)]
            if len(beside) > 1:
                alike = [row for row in choices if not any(_fit(builder, first, row, second, one) for one in beside)]
                yield Implied(dict.fromkeys((row.column for row in (*alike, *beside)), 1), 1)


def _of_groups(builder: ModelBuilder, choices: dict[str, list[_Choice]]) -> Iterator[Implied]:
    index = builder.index
    sharing: defaultdict[str, list[Household]] = defaultdict(list)
    for row in builder.households:
        sharing[row.registration].append(row)
    for group in (group for group in index.groups.values() if group.must):
        for first in group.members:
            for choice in choices[first]:
                here = index.place(choice.unit, group.where)
                for other in group.members:
                    if other == first:
                        continue
                    beside = [row.here.index for row in sharing[other] if index.place(row.unit, group.where) == here]
                    beside += [
                        row.column
                        for row in choices[other]
                        if index.place(row.unit, group.where) == here and _fit(builder, first, choice, other, row)
                    ]
                    yield Implied({choice.column: 1, **dict.fromkeys(beside, -1)}, 0)


def _fit(builder: ModelBuilder, first: str, one: _Choice, second: str, other: _Choice) -> bool:
    """Checks whether two choices can be made together: each room that both use has enough beds for both."""
    index = builder.index
    shared = one.beds.keys() & other.beds.keys()
    if not shared:
        return True
    if one.whole or other.whole or index.registrations[first].kind != index.registrations[second].kind:
        return False
    return all(one.beds[room] + other.beds[room] <= index.rooms[room].free_beds for room in shared)


def _of_households(
    builder: ModelBuilder, by_unit: Mapping[str, Mapping[str, list[_Choice]]], extra: Collection[str]
) -> Iterator[Implied]:
    index = builder.index
    for household in builder.households:
        row = index.registrations[household.registration]
        beds = {room: index.rooms[room].free_beds for room in household.used if room not in extra}
        for room, used in household.used.items():
            if not _has_beds(index, row, beds | {room: 0}):
                yield Implied({household.here.index: 1, used.index: -1}, 0, household.unit)
        for name, of in by_unit.get(household.unit, {}).items():
            alike = index.registrations[name].kind == row.kind
            crowded = [choice.column for choice in of if not _has_beds(index, row, _left(beds, choice, alike=alike))]
            if crowded:
                yield Implied({household.here.index: 1, **dict.fromkeys(crowded, 1)}, 1, household.unit)


def _left(beds: dict[str, int], choice: _Choice, *, alike: bool) -> dict[str, int]:
    """Returns, by room, the beds that a choice leaves to a household. `alike`: true if both have the same kind."""
    return {
        room: 0 if room in choice.beds and (choice.whole or not alike) else free - choice.beds.get(room, 0)
        for room, free in beds.items()
    }


def _has_beds(index: Index, registration: Registration, left: dict[str, int]) -> bool:
    """Checks whether the beds that are left are enough for the household, and their rooms meet its needs."""
    offered = {code for room, beds in left.items() if beds for code in index.rooms[room].features}
    return sum(left.values()) >= len(registration.persons) and offered >= set(registration.room_needs)
