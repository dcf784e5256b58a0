"""Prices of beds, and the bound that any prices prove.

Whoever pays for beds takes the choice that is worth most after paying, or none. Add what all of them
keep and what all beds cost: no answer can be worth more, whatever the prices are (weak duality). Prices are integers,
so the sum is exact. Good prices make it small; they are sought by a subgradient method.
"""

from typing import NamedTuple

import numpy as np

from matching.large.market import Ints, Market
from matching.large.rooms import NEVER, Shape, shapes

ROWS_AT_ONCE = 1_000  # registrations whose pairs are looked at together


class Prices(NamedTuple):
    """Points a bed of each group, and for a high-care place in each unit."""

    bed: Ints
    care: Ints


class Wishes(NamedTuple):
    """What everybody wishes at some prices: `kept` points after paying, `unit` (-1: none), the bound this proves."""

    kept: Ints
    unit: Ints
    bound: int


class Auction:
    def __init__(self, market: Market) -> None:
        self.market = market
        self.shapes: list[Shape] = shapes(market)
        self.shape_of = {number: (shape, row) for shape in self.shapes for row, number in enumerate(shape.classes)}
        self.limits: Ints = np.zeros(len(market.units), dtype=np.int64)
        for unit, limit in market.high_care_limit.items():
            self.limits[unit] = limit
        self.high_care = np.array([key.high_care for key in market.classes], dtype=np.bool_)

    def worth(self, prices: Prices) -> Ints:
        """Of the rooms of each unit (columns) to each class (rows), after paying."""
        worth = np.full((len(self.market.classes), len(self.market.units)), NEVER, dtype=np.int64)
        for shape in self.shapes:
            if len(shape.units):
                worth[np.array(shape.classes)[:, None], shape.units] = shape.worth(prices.bed)
        worth[self.high_care] -= prices.care
        return worth

    def values(self, prices: Prices) -> "Values":
        """What each pair is worth after paying."""
        return Values(self.market, self.worth(prices))

    def wishes(self, prices: Prices) -> Wishes:
        market, values = self.market, self.values(prices)
        kept: Ints = np.zeros(len(market.registrations), dtype=np.int64)
        unit: Ints = np.full(len(market.registrations), -1, dtype=np.int64)
        for first in range(0, len(kept), ROWS_AT_ONCE):
            last = min(first + ROWS_AT_ONCE, len(kept))
            value, owner = values.between(first, last)
            start = market.start[first:last] - market.start[first]
            filled = np.flatnonzero(np.diff(market.start[first : last + 1]))
            best: Ints = np.full(last - first, NEVER, dtype=np.int64)
            if len(filled):
                best[filled] = np.maximum.reduceat(value, start[filled])
            pair = np.flatnonzero((value == best[owner]) & (value > 0))[::-1]  # of equal ones the first stays
            unit[first + owner[pair]] = market.unit[market.start[first] + pair]
            kept[first:last] = np.where(market.must[first:last], best, np.maximum(best, 0))
        total = int(kept.sum()) + int(prices.bed @ market.capacity) + int(prices.care @ self.limits)
        return Wishes(kept, unit, total)

    def demand(self, wishes: Wishes, prices: Prices) -> tuple[Ints, Ints]:
        """Beds of each group and high-care places of each unit that are wished for."""
        beds: Ints = np.zeros(len(self.market.groups), dtype=np.int64)
        care: Ints = np.zeros(len(self.market.units), dtype=np.int64)
        who = np.flatnonzero(wishes.unit >= 0)
        key = self.market.class_of[who] * len(self.market.units) + wishes.unit[who]
        different, times = np.unique(key, return_counts=True)
        for number, count in zip(different.tolist(), times.tolist(), strict=True):
            of, unit = divmod(number, len(self.market.units))
            shape, row = self.shape_of[of]
            groups, taken = shape.take(row, unit, prices.bed)
            np.add.at(beds, groups, taken * count)
            care[unit] += count * bool(self.high_care[of])
        return beds, care


class Values:
    """The worth of pairs at some prices, counted when asked for: all of them at once would fill the memory."""

    def __init__(self, market: Market, worth: Ints) -> None:
        self.market, self.worth = market, worth

    def of(self, row: int) -> Ints:
        """Of the pairs of one registration."""
        pairs = slice(self.market.start[row], self.market.start[row + 1])
        rooms = self.worth[self.market.class_of[row], self.market.unit[pairs]]
        return np.asarray(rooms + self.market.fit[pairs] + self.market.serve[row])

    def between(self, first: int, last: int) -> tuple[Ints, Ints]:
        """Of the pairs of some registrations, and whose each is (counted from the first)."""
        market = self.market
        pairs = slice(market.start[first], market.start[last])
        owner = np.repeat(np.arange(last - first), np.diff(market.start[first : last + 1]))
        value = self.worth[market.class_of[first:last][owner], market.unit[pairs]]
        value += market.fit[pairs]
        value += market.serve[first:last][owner]
        return value, owner
