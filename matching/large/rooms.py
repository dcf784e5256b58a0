"""The best rooms of each unit for each class of registrations, and their value at given prices of beds.

The value is exact, with an exception: large households can have too many sets of beds to list. For these, the value is
an upper bound: each person takes the cheapest bed that is left, without regard to room needs. So a bound derived from
the values stays valid.
"""

from collections import Counter, defaultdict
from itertools import combinations_with_replacement
from math import comb

import numpy as np
from numpy.typing import NDArray

from matching.format.problem import Kind
from matching.large.problem_arrays import Group, Ints, ProblemArrays, RoomClass
from matching.objective import idle_cost

Mask = NDArray[np.bool_]
Package = tuple[tuple[int, int], ...]
"""A choice of beds in a unit: groups of rooms, each with the number of beds taken in it."""
MOST_LISTED = 20_000_000  # with more classes times sets of beds, only an upper bound is computed
CLOSED = 2**31 - 1  # the waste that marks a package which the class may not take
NEVER = -(2**60)  # the value of an infeasible choice, so small that added points cause no overflow


class Costs:
    """The waste of a bed in each group of rooms, and the groups open to a class. Intermediate results are cached."""

    def __init__(self, arrays: ProblemArrays) -> None:
        self.arrays = arrays
        self.units_idle: dict[frozenset[str], Ints] = {}
        self.rooms_idle: dict[frozenset[str], Ints] = {}
        self.features: dict[str, Mask] = {}
        self.of_kind: dict[Kind | None, Mask] = {}
        self.unit: Ints = np.array([group.unit for group in arrays.groups], dtype=np.int64)
        self.day: Ints = np.array([group.free_from.toordinal() for group in arrays.groups], dtype=np.int64)

    def of(self, key: RoomClass) -> tuple[Ints, Mask]:
        """Returns, by group of rooms, the waste of a bed for the class, and whether the class may use the group."""
        scarce = self.arrays.index.policy.scarce
        if key.codes not in self.units_idle:
            idle = [idle_cost(scarce, unit.specialisms, key.codes) for unit in self.arrays.units]
            self.units_idle[key.codes] = np.array(idle, dtype=np.int64)
        if key.room_needs not in self.rooms_idle:
            idle = [idle_cost(scarce, group.features, key.room_needs) for group in self.arrays.groups]
            self.rooms_idle[key.room_needs] = np.array(idle, dtype=np.int64)
        if key.kind not in self.of_kind:  # `None`: private registrations, which need rooms without occupants
            kinds = [group.kind in (None, key.kind) for group in self.arrays.groups]
            self.of_kind[key.kind] = np.array(kinds, dtype=np.bool_)
        open_to = (self.day <= key.needed_by.toordinal()) & self.of_kind[key.kind]
        return self.units_idle[key.codes][self.unit] + self.rooms_idle[key.room_needs], open_to

    def having(self, feature: str) -> Mask:
        """Returns, by group of rooms, whether the rooms have this feature."""
        if feature not in self.features:
            has = [feature in group.features for group in self.arrays.groups]
            self.features[feature] = np.array(has, dtype=np.bool_)
        return self.features[feature]


class Whole:
    """Classes for which all choices of beds are listed. A private class chooses whole rooms, at most two."""

    def __init__(self, arrays: ProblemArrays, costs: Costs, classes: list[int], persons: int, *, private: bool) -> None:
        self.classes = classes
        groups = arrays.groups
        packages = _rooms(groups, persons) if private else _beds(arrays, persons)
        packages.sort(key=lambda package: (groups[package[0][0]].unit, package))
        width = max(map(len, packages), default=1)
        padded = [[*package, *[(package[0][0], 0)] * (width - len(package))] for package in packages]
        both = np.array(padded, dtype=np.int64).reshape(-1, width, 2)
        self.group, self.beds = both[:, :, 0], both[:, :, 1]
        size: Ints = np.array([group.beds for group in groups], dtype=np.int64)[self.group]
        self.rooms = -(-self.beds // size).sum(1)
        unit = np.array([groups[package[0][0]].unit for package in packages], dtype=np.int64)
        self.units, self.first = np.unique(unit, return_index=True)
        self.row_of_unit = np.full(len(arrays.units), -1, dtype=np.int64)
        self.row_of_unit[self.units] = np.arange(len(self.units))
        self.last = np.append(self.first[1:], len(packages))
        extra = arrays.index.policy.extra_room
        blocked = arrays.index.policy.blocked_bed
        static = blocked * (self.beds.sum(1) - persons) + extra * (self.rooms - 1)
        waste = np.full((len(classes), len(packages)), CLOSED, dtype=np.int32)
        for row, number in enumerate(classes):
            cost, open_to = costs.of(arrays.classes[number])
            used = self.beds > 0
            fine = (open_to[self.group] | ~used).all(1)
            for need in arrays.classes[number].room_needs:
                fine &= (costs.having(need)[self.group] & used).any(1)
            total = static + (cost[self.group] * self.beds).sum(1)
            waste[row, fine] = total[fine]
        self.waste = waste

    def worth(self, prices: Ints) -> Ints:
        """Returns, for each class and unit, minus the waste and the price of the best package (choice of beds)."""
        if not len(self.units):
            return np.zeros((len(self.classes), 0), dtype=np.int64)
        price = (prices[self.group] * self.beds).sum(1)
        worth = np.zeros((len(self.classes), len(self.units)), dtype=np.int64)
        for row, waste in enumerate(self.waste):  # row by row, to save memory
            worth[row] = -np.minimum.reduceat(np.where(waste == CLOSED, -NEVER, waste + price), self.first)
        return worth

    def package(self, number: int) -> Package:
        return tuple((g, n) for g, n in zip(self.group[number].tolist(), self.beds[number].tolist(), strict=True) if n)

    def take(self, row: int, unit: int, prices: Ints) -> Package:
        """Returns the best package in a unit for the class in this row."""
        at = self.row_of_unit[unit]
        packages = slice(self.first[at], self.last[at])
        price = (prices[self.group[packages]] * self.beds[packages]).sum(1)
        waste = self.waste[row, packages]
        return self.package(self.first[at] + int(np.argmin(np.where(waste == CLOSED, -NEVER, waste + price))))


class Beds:
    """Classes of households that may share rooms, and have too many choices of beds to list.

    Each person takes the cheapest bed that is left in the unit. Room needs are ignored, so the value is an upper bound.
    """

    def __init__(self, arrays: ProblemArrays, costs: Costs, classes: list[int]) -> None:
        self.classes = classes
        self.extra_room = arrays.index.policy.extra_room
        members: defaultdict[int, list[int]] = defaultdict(list)
        for number, group in enumerate(arrays.groups):
            members[group.unit].append(number)
        self.units = np.array(sorted(members), dtype=np.int64)
        self.row_of_unit = np.full(len(arrays.units), -1, dtype=np.int64)
        self.row_of_unit[self.units] = np.arange(len(self.units))
        most = max((len(groups) for groups in members.values()), default=0)
        self.group = np.zeros((len(self.units), most), dtype=np.int64)
        real = np.zeros((len(self.units), most), dtype=np.bool_)
        for row, unit in enumerate(self.units.tolist()):
            self.group[row, : len(members[unit])] = members[unit]
            real[row, : len(members[unit])] = True
        self.beds = np.where(real, arrays.capacity[self.group] if most else 0, 0)
        size = np.array([group.beds for group in arrays.groups], dtype=np.int64)[self.group] if most else self.beds
        self.persons = [arrays.classes[number].persons for number in classes]
        self.cost, self.fine, self.rooms = [], [], []
        for number, persons in zip(classes, self.persons, strict=True):
            cost, open_to = costs.of(arrays.classes[number])
            fine = open_to[self.group] & real
            self.cost.append(cost[self.group].astype(np.int32))
            self.fine.append(np.where(fine, self.beds, 0).astype(np.int32))
            largest = np.where(fine, size, 1).max(1, initial=1)
            self.rooms.append(-(-persons // largest) - 1)

    def worth(self, prices: Ints) -> Ints:
        return np.array([self._row(row, prices)[0] for row in range(len(self.classes))]).reshape(-1, len(self.units))

    def _row(self, row: int, prices: Ints, only: slice = slice(None)) -> tuple[Ints, Ints, Ints]:
        beds, persons = self.fine[row][only], self.persons[row]
        price = np.where(beds > 0, self.cost[row][only] + prices[self.group[only]], -NEVER)
        order = np.argsort(price, axis=1, kind="stable")
        sorted_beds = np.take_along_axis(beds, order, 1)
        before = np.cumsum(sorted_beds, axis=1) - sorted_beds
        taken = np.clip(persons - before, 0, sorted_beds)
        paid = (np.where(taken > 0, np.take_along_axis(price, order, 1), 0) * taken).sum(1)
        worth = np.where(taken.sum(1) == persons, -paid - self.extra_room * self.rooms[row][only], NEVER)
        return worth, np.take_along_axis(self.group[only], order, 1), taken

    def take(self, row: int, unit: int, prices: Ints) -> Package:
        at = int(self.row_of_unit[unit])
        _, groups, taken = self._row(row, prices, slice(at, at + 1))
        return tuple((g, n) for g, n in zip(groups[0].tolist(), taken[0].tolist(), strict=True) if n)


Shape = Whole | Beds


def shapes(arrays: ProblemArrays) -> list[Shape]:
    """Returns all classes in shapes, each with its packages. Classes in a `Whole` agree in `private` and `persons`."""
    found: defaultdict[tuple[bool, int], list[int]] = defaultdict(list)
    several = []
    costs = Costs(arrays)
    in_unit = Counter(group.unit for group in arrays.groups).values()
    for number, key in enumerate(arrays.classes):
        found[key.private, key.persons].append(number)
    made: list[Shape] = []
    for (private, persons), numbers in sorted(found.items()):
        if not private and len(numbers) * sum(comb(of + persons - 1, persons) for of in in_unit) > MOST_LISTED:
            several += numbers
        else:
            made.append(Whole(arrays, costs, numbers, persons, private=private))
    return [*made, Beds(arrays, costs, several)] if several else made


def _by_unit(groups: list[Group]) -> list[list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        found[group.unit].append(number)
    return list(found.values())


def _rooms(groups: list[Group], persons: int) -> list[Package]:
    """Returns the packages of a private class: whole rooms with enough beds, and pairs of smaller rooms with enough."""
    found: list[Package] = [((number, group.beds),) for number, group in enumerate(groups) if group.beds >= persons]
    for numbers in _by_unit(groups):
        small = [number for number in numbers if groups[number].beds < persons]
        for one, two in combinations_with_replacement(small, 2):
            beds = groups[one].beds, groups[two].beds
            if sum(beds) >= persons and (one != two or len(groups[one].rooms) > 1):
                found.append(((one, sum(beds)),) if one == two else ((one, beds[0]), (two, beds[1])))
    return found


def _beds(arrays: ProblemArrays, persons: int) -> list[Package]:
    """Returns the packages of a class that shares: sets of beds in a unit for `persons`."""
    counted = (Counter(beds) for of in _by_unit(arrays.groups) for beds in combinations_with_replacement(of, persons))
    return [tuple(beds.items()) for beds in counted if all(n <= arrays.capacity[of] for of, n in beds.items())]
