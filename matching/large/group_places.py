"""The value of each place for a group that must be together: the points of the best choices of all members there.

A branch-and-bound search over the members and their choices counts whole rooms, open beds by kind, and high-care
places. If it takes too many steps, the value is the sum over the members, each alone, which is a weaker upper bound.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from matching.large.problem_arrays import Ints, ProblemArrays
from matching.large.rooms import CLOSED, NEVER, Beds, Package
from matching.large.values import Choice, Market, Values

MOST_CHOICES = 60  # the largest number of choices tried for a member at a place; the next choice bounds the rest
MOST_STEPS = 4_000  # steps of a search at a place


class Place(NamedTuple):
    """A place for a group. `kept`: the most points that the group can keep there. `choices`: empty if unknown."""

    kept: int
    choices: tuple[Choice, ...]


class Bound(NamedTuple):
    """A group that must be together: the rows of its registrations, the place of each unit, and the number of places.

    `fixed`: true if a member is fixed, so that the whole group must be placed.
    """

    rows: list[int]
    place: Ints
    places: int
    fixed: bool


class Member(NamedTuple):
    """A member of a group, with its choices at the place that is being searched."""

    kind: object
    care: bool
    choices: list[tuple[int, Choice]]  # each choice with the points that it keeps, the best first
    rest: int  # the points that the best choice beyond `choices` keeps


def _bound_groups(arrays: ProblemArrays) -> list[Bound]:
    found = []
    for group in arrays.index.groups.values():
        if group.must:
            names = [arrays.index.place(unit.id, group.where) for unit in arrays.units]
            position = {name: number for number, name in enumerate(dict.fromkeys(names))}
            place: Ints = np.array([position[name] for name in names], dtype=np.int64)
            rows = [arrays.row_of[member] for member in group.members]
            found.append(Bound(rows, place, len(position), bool(arrays.must[rows].any())))
    return found


class GroupPlaces:
    """The best places of groups at given prices. Data that do not depend on the prices are cached."""

    def __init__(self, market: Market) -> None:
        self.market, self.arrays = market, market.arrays
        self.groups = _bound_groups(market.arrays)
        self._ways: dict[tuple[int, int], list[tuple[int, Package]] | None] = {}
        self._closed: set[tuple[int, int]] = set()  # pairs of a group and a place without room for it

    def best(self, number: int, values: Values, floor: int, most: int) -> list[Place]:
        """Returns the `most` best places at which the group keeps more than `floor` points, the best first."""
        group, arrays = self.groups[number], self.arrays
        total = np.zeros(group.places, dtype=np.int64)
        for row in group.rows:
            best = np.full(group.places, NEVER, dtype=np.int64)
            np.maximum.at(best, group.place[arrays.unit[arrays.start[row] : arrays.start[row + 1]]], values.of(row))
            total = np.where((total > NEVER // 2) & (best > NEVER // 2), total + best, NEVER)
        found: list[Place] = []
        for place in np.argsort(-total, kind="stable").tolist():
            if total[place] <= max(floor, NEVER // 2) or (len(found) >= most and found[most - 1].kept >= total[place]):
                break
            if (number, place) not in self._closed:
                here = self._jointly(group, place, values)
                if here is None:
                    self._closed.add((number, place))
                elif here.kept > floor:
                    found.append(here)
                    found.sort(key=lambda place: -place.kept)
        return found[:most]

    def _jointly(self, group: Bound, place: int, values: Values) -> Place | None:
        members: list[Member] = []
        for row in group.rows:
            member = self._member(row, group.place == place, values)
            if member is None:
                return Place(self._sum(group, place, values), ())
            if not member.choices:
                return None
            members.append(member)
        members.sort(key=lambda member: len(member.choices))
        search = _Search(self.arrays, members)
        search.go(0, 0)
        tops = sum(member.choices[0][0] for member in members)
        if search.steps > MOST_STEPS:
            return Place(tops, tuple(search.best))
        kept = max(search.kept, *(tops - member.choices[0][0] + member.rest for member in members))
        return Place(kept, tuple(search.best)) if kept > NEVER // 2 else None

    def _sum(self, group: Bound, place: int, values: Values) -> int:
        total = 0
        for row in group.rows:
            units = self.arrays.unit[self.arrays.start[row] : self.arrays.start[row + 1]]
            total += int(values.of(row)[group.place[units] == place].max())
        return total

    def _member(self, row: int, here: np.ndarray, values: Values) -> Member | None:
        """Returns the choices of a registration at a place; `None` if there are too many to list."""
        arrays, prices = self.arrays, values.prices
        number = int(arrays.class_of[row])
        found: list[tuple[int, Choice]] = []
        pairs = np.flatnonzero(here[arrays.unit[arrays.start[row] : arrays.start[row + 1]]]) + arrays.start[row]
        for unit, fit in zip(arrays.unit[pairs].tolist(), arrays.fit[pairs].tolist(), strict=True):
            ways = self.ways(number, unit)
            if ways is None:
                return None
            for waste, beds in ways:
                choice = Choice(row, unit, beds, int(arrays.serve[row]) + fit - waste)
                found.append((choice.points - self.market.paid(choice, prices), choice))
        found.sort(key=lambda of: -of[0])
        rest = found[MOST_CHOICES][0] if len(found) > MOST_CHOICES else NEVER
        key = arrays.classes[number]
        return Member(key.kind, key.high_care, found[:MOST_CHOICES], rest)

    def ways(self, number: int, unit: int) -> list[tuple[int, Package]] | None:
        """Returns the choices of rooms in a unit for a class, each with its waste; `None` if there are too many."""
        if (number, unit) not in self._ways:
            self._ways[number, unit] = self._listed(number, unit)
        return self._ways[number, unit]

    def _listed(self, number: int, unit: int) -> list[tuple[int, Package]] | None:
        shape, row = self.market.shape_of[number]
        at = int(shape.row_of_unit[unit])
        if isinstance(shape, Beds):
            return None
        ways = range(shape.first[at], shape.last[at]) if at >= 0 else ()
        return [(int(shape.waste[row, way]), shape.package(way)) for way in ways if shape.waste[row, way] != CLOSED]


class _Search:
    """A branch-and-bound search at a place. Each member in turn takes each of its choices, the best choice first.

    `best`: the best choices of all members so far. `kept`: the points that the group keeps by these choices.
    """

    def __init__(self, arrays: ProblemArrays, members: Sequence[Member]) -> None:
        self.arrays, self.members = arrays, members
        tops = [member.choices[0][0] for member in members]
        self.rest = [sum(tops[number:]) for number in range(len(tops) + 1)]
        self.kept, self.best, self.steps = NEVER, list[Choice](), 0
        self.rooms: dict[int, int] = {}  # the number of empty rooms that are left, by group of rooms
        self.open_beds: dict[tuple[int, object], int] = {}  # by group and kind: free beds in rooms in use
        self.care: dict[int, int] = {}  # high-care places taken, by unit
        self.taken: list[Choice] = []

    def go(self, number: int, total: int) -> None:
        """Tries the choices of all members from `number` on. `total`: the points that the earlier members keep."""
        if number == len(self.members):
            self.kept, self.best = total, list(self.taken)
            return
        member = self.members[number]
        for kept, choice in member.choices:
            if total + kept + self.rest[number + 1] <= self.kept or self.steps > MOST_STEPS:
                return
            self.steps += 1
            limit = self.arrays.high_care_limit.get(choice.unit) if member.care else None
            if limit is not None and self.care.get(choice.unit, 0) >= limit:
                continue
            before = [
                (of, self.rooms.get(of, len(self.arrays.groups[of].rooms)), self.open_beds.get((of, member.kind), 0))
                for of, _ in choice.beds
            ]
            if self._take(choice, member, before):
                self.care[choice.unit] = self.care.get(choice.unit, 0) + member.care
                self.taken.append(choice)
                self.go(number + 1, total + kept)
                self.taken.pop()
                self.care[choice.unit] -= member.care
            for of, left, free in before:
                self.rooms[of], self.open_beds[of, member.kind] = left, free

    def _take(self, choice: Choice, member: Member, before: list[tuple[int, int, int]]) -> bool:
        """Takes the rooms and beds of a choice. Returns false if too few are left."""
        for (of, beds), (_, left, free) in zip(choice.beds, before, strict=True):
            size = self.arrays.groups[of].beds
            opened = beds // size if member.kind is None else -(-max(0, beds - free) // size)
            if opened > left:
                return False
            self.rooms[of] = left - opened
            if member.kind is not None:
                self.open_beds[of, member.kind] = free + opened * size - beds
        return True
