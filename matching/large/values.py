"""Prices, and the values of pairs and choices at these prices."""

from typing import NamedTuple

import numpy as np

from matching.large.problem_arrays import Ints, ProblemArrays
from matching.large.rooms import NEVER, Package, Shape, shapes


class Prices(NamedTuple):
    """Prices in points. `bed`: the price of a bed, by group of rooms. `care`: the price of a high-care place, by unit.
    `apart`: the price that a member of a clique pays for a location, by clique and location.
    """

    bed: Ints
    care: Ints
    apart: dict[tuple[int, int], int]


class Choice(NamedTuple):
    """A registration (`row`) in a unit, with the beds that it takes. `points`: the points before paying for them."""

    row: int
    unit: int
    beds: Package
    points: int


class Market:
    """Everything that has a price: beds, high-care places, and locations for members of cliques.

    A clique is a set of registrations in which every pair must be kept apart. A location takes one member at most.
    """

    def __init__(self, arrays: ProblemArrays) -> None:
        self.arrays = arrays
        self.shapes: list[Shape] = shapes(arrays)
        self.shape_of = {number: (shape, row) for shape in self.shapes for row, number in enumerate(shape.classes)}
        self.high_care = np.array([key.high_care for key in arrays.classes], dtype=np.bool_)
        self.cliques = [[arrays.row_of[name] for name in clique] for clique in arrays.index.cliques]
        self.cliques_of: dict[int, list[int]] = {}  # the numbers of cliques, by row
        for number, clique in enumerate(self.cliques):
            for row in clique:
                self.cliques_of.setdefault(row, []).append(number)

    def no_prices(self) -> Prices:
        groups, units = len(self.arrays.groups), len(self.arrays.units)
        return Prices(np.zeros(groups, dtype=np.int64), np.zeros(units, dtype=np.int64), {})

    def worth(self, prices: Prices) -> Ints:
        """Returns, by class and unit, minus the waste and the price of the best rooms and of a high-care place."""
        worth = np.full((len(self.arrays.classes), len(self.arrays.units)), NEVER, dtype=np.int64)
        for shape in self.shapes:
            if len(shape.units):
                worth[np.array(shape.classes)[:, None], shape.units] = shape.worth(prices.bed)
        worth[self.high_care] -= prices.care
        return worth

    def values(self, prices: Prices) -> "Values":
        return Values(self, prices)

    def paid(self, choice: Choice, prices: Prices) -> int:
        """Returns the price of a choice: its beds, a high-care place if needed, and the location for each clique."""
        paid = sum(int(prices.bed[group]) * beds for group, beds in choice.beds)
        if self.high_care[self.arrays.class_of[choice.row]]:
            paid += int(prices.care[choice.unit])
        location = int(self.arrays.location[choice.unit])
        return paid + sum(prices.apart.get((clique, location), 0) for clique in self.cliques_of.get(choice.row, ()))


class Values:
    """The values (points minus prices) of all pairs of registration and unit, computed when needed to save memory."""

    def __init__(self, market: Market, prices: Prices) -> None:
        self.arrays, self.prices, self.worth = market.arrays, prices, market.worth(prices)
        self._toll: Ints | None = None  # sums of clique prices, shape rows x locations; row 0: no clique
        if prices.apart:
            rows = list(market.cliques_of)
            self._toll_of: Ints = np.zeros(len(self.arrays.registrations), dtype=np.int64)
            self._toll_of[rows] = np.arange(1, len(rows) + 1)
            self._toll = np.zeros((1 + len(rows), int(self.arrays.location.max()) + 1), dtype=np.int64)
            for (clique, location), price in prices.apart.items():
                self._toll[self._toll_of[market.cliques[clique]], location] += price

    def of(self, row: int) -> Ints:
        """Returns the value of the registration `row` in each unit that is open to it."""
        pairs = slice(self.arrays.start[row], self.arrays.start[row + 1])
        rooms = self.worth[self.arrays.class_of[row], self.arrays.unit[pairs]]
        value = np.asarray(rooms + self.arrays.fit[pairs] + self.arrays.serve[row])
        if self._toll is not None and self._toll_of[row]:
            value -= self._toll[self._toll_of[row], self.arrays.location[self.arrays.unit[pairs]]]
        return value

    def between(self, first: int, last: int) -> tuple[Ints, Ints]:
        """Returns the values of the pairs of rows `first` to `last`, and the row of each pair, counted from `first`."""
        arrays = self.arrays
        pairs = slice(arrays.start[first], arrays.start[last])
        owner = np.repeat(np.arange(last - first), np.diff(arrays.start[first : last + 1]))
        value = self.worth[arrays.class_of[first:last][owner], arrays.unit[pairs]]
        value += arrays.fit[pairs]
        value += arrays.serve[first:last][owner]
        if self._toll is not None:
            value -= self._toll[self._toll_of[first:last][owner], arrays.location[arrays.unit[pairs]]]
        return value, owner
