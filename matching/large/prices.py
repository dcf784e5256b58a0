"""Dual prices of beds, and the upper bound that they prove.

Each registration takes at most the choice with the highest value after paying for its beds. What all keep and what all
beds cost is together an upper bound of the objective, at any prices from 0 (Lagrangian relaxation, weak duality). A
group that must be together takes the best choices at its best place, if any; the points of the others are added whole.
Prices are integers, so the sum is exact. Good prices make it small; subgradient search finds them.
"""

from typing import NamedTuple

import numpy as np

from matching.large.problem_arrays import Ints, ProblemArrays
from matching.large.rooms import NEVER, Shape, shapes

ROWS_AT_ONCE = 1_000  # registrations whose pairs are evaluated together


class Prices(NamedTuple):
    """Points per bed of each group, and per high-care place of each unit."""

    bed: Ints
    care: Ints


class Wishes(NamedTuple):
    """The best choice of each registration at given prices.

    `kept`: points after paying; `unit`: row of the chosen unit, or -1; `bound`: the upper bound that this proves.
    """

    kept: Ints
    unit: Ints
    bound: int


class Bound(NamedTuple):
    """A group that must be together: rows of its registrations, and the number of the place of each unit."""

    rows: list[int]
    place: Ints
    places: int


class Auction:
    def __init__(self, arrays: ProblemArrays) -> None:
        self.arrays = arrays
        self.shapes: list[Shape] = shapes(arrays)
        self.shape_of = {number: (shape, row) for shape in self.shapes for row, number in enumerate(shape.classes)}
        self.limits: Ints = np.zeros(len(arrays.units), dtype=np.int64)
        for unit, limit in arrays.high_care_limit.items():
            self.limits[unit] = limit
        self.groups = _bound_groups(arrays)
        self.high_care = np.array([key.high_care for key in arrays.classes], dtype=np.bool_)

    def worth(self, prices: Prices) -> Ints:
        """The value of the rooms of each unit (columns) to each class (rows), after paying."""
        worth = np.full((len(self.arrays.classes), len(self.arrays.units)), NEVER, dtype=np.int64)
        for shape in self.shapes:
            if len(shape.units):
                worth[np.array(shape.classes)[:, None], shape.units] = shape.worth(prices.bed)
        worth[self.high_care] -= prices.care
        return worth

    def values(self, prices: Prices) -> "Values":
        """Returns the value of each pair minus its price."""
        return Values(self.arrays, self.worth(prices))

    def wishes(self, prices: Prices) -> Wishes:
        arrays, values = self.arrays, self.values(prices)
        kept: Ints = np.zeros(len(arrays.registrations), dtype=np.int64)
        unit: Ints = np.full(len(arrays.registrations), -1, dtype=np.int64)
        for first in range(0, len(kept), ROWS_AT_ONCE):
            last = min(first + ROWS_AT_ONCE, len(kept))
            value, owner = values.between(first, last)
            start = arrays.start[first:last] - arrays.start[first]
            filled = np.flatnonzero(np.diff(arrays.start[first : last + 1]))
            best: Ints = np.full(last - first, NEVER, dtype=np.int64)
            if len(filled):
                best[filled] = np.maximum.reduceat(value, start[filled])
            pair = np.flatnonzero((value == best[owner]) & (value > 0))[::-1]  # among equals the first stays
            unit[first + owner[pair]] = arrays.unit[arrays.start[first] + pair]
            kept[first:last] = np.where(arrays.must[first:last], best, np.maximum(best, 0))
        for group in self.groups:
            self._keep_together(group, values, kept, unit)
        total = arrays.valuation.together_at_most
        total += int(kept.sum()) + int(prices.bed @ arrays.capacity) + int(prices.care @ self.limits)
        return Wishes(kept, unit, total)

    def _keep_together(self, group: Bound, values: "Values", kept: Ints, unit: Ints) -> None:
        """Lets the registrations of a group choose at a single place, or not at all: in `kept` and `unit`."""
        arrays = self.arrays
        best: Ints = np.full((len(group.rows), group.places), NEVER, dtype=np.int64)
        for number, row in enumerate(group.rows):
            there = group.place[arrays.unit[arrays.start[row] : arrays.start[row + 1]]]
            np.maximum.at(best[number], there, values.of(row))
        open_to = (best > NEVER // 2).all(0)
        total = np.where(open_to, np.where(open_to, best, 0).sum(0), NEVER)
        place = int(np.argmax(total)) if group.places else 0
        if not open_to.any() or (total[place] <= 0 and not arrays.must[group.rows].any()):
            kept[group.rows], unit[group.rows] = 0, -1
            return
        for number, row in enumerate(group.rows):
            units = arrays.unit[arrays.start[row] : arrays.start[row + 1]]
            value = np.where(group.place[units] == place, values.of(row), NEVER)
            kept[row], unit[row] = best[number, place], units[np.argmax(value)]

    def demand(self, wishes: Wishes, prices: Prices) -> tuple[Ints, Ints]:
        """Demand at these choices: beds of each group, and high-care places of each unit."""
        beds: Ints = np.zeros(len(self.arrays.groups), dtype=np.int64)
        care: Ints = np.zeros(len(self.arrays.units), dtype=np.int64)
        who = np.flatnonzero(wishes.unit >= 0)
        key = self.arrays.class_of[who] * len(self.arrays.units) + wishes.unit[who]
        different, times = np.unique(key, return_counts=True)
        for number, count in zip(different.tolist(), times.tolist(), strict=True):
            of, unit = divmod(number, len(self.arrays.units))
            shape, row = self.shape_of[of]
            groups, taken = shape.take(row, unit, prices.bed)
            np.add.at(beds, groups, taken * count)
            care[unit] += count * bool(self.high_care[of])
        return beds, care


def _bound_groups(arrays: ProblemArrays) -> list[Bound]:
    found = []
    for group in arrays.index.groups.values():
        if group.must:
            names = [arrays.index.place(unit.id, group.where) for unit in arrays.units]
            position = {name: number for number, name in enumerate(dict.fromkeys(names))}
            place: Ints = np.array([position[name] for name in names], dtype=np.int64)
            found.append(Bound([arrays.row_of[member] for member in group.members], place, len(position)))
    return found


class Values:
    """The values of pairs at given prices, computed on demand: all at once would exceed the memory."""

    def __init__(self, arrays: ProblemArrays, worth: Ints) -> None:
        self.arrays, self.worth = arrays, worth

    def of(self, row: int) -> Ints:
        """The values of the pairs of one registration."""
        pairs = slice(self.arrays.start[row], self.arrays.start[row + 1])
        rooms = self.worth[self.arrays.class_of[row], self.arrays.unit[pairs]]
        return np.asarray(rooms + self.arrays.fit[pairs] + self.arrays.serve[row])

    def between(self, first: int, last: int) -> tuple[Ints, Ints]:
        """The values of the pairs of rows `first` to `last`, and the row of each pair, counted from `first`."""
        arrays = self.arrays
        pairs = slice(arrays.start[first], arrays.start[last])
        owner = np.repeat(np.arange(last - first), np.diff(arrays.start[first : last + 1]))
        value = self.worth[arrays.class_of[first:last][owner], arrays.unit[pairs]]
        value += arrays.fit[pairs]
        value += arrays.serve[first:last][owner]
        return value, owner
