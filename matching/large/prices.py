"""Dual prices of beds, and the upper bound that they prove.

Each registration takes the choice with the most points after paying for its beds, or no choice. The bound is the sum of
the points that are left, and of the prices of all beds. Any prices of at least 0 prove a bound (Lagrangian relaxation,
weak duality). A group that must be together takes its best joint choice, or no choice. The points of other groups are
added in full. Prices are integers, so the sum is exact. `subgradient.py` and `columns.py` find good prices.
"""

from typing import NamedTuple

import numpy as np

from matching.large.group_places import GroupPlaces
from matching.large.problem_arrays import Ints, ProblemArrays
from matching.large.rooms import NEVER
from matching.large.values import Market, Prices

ROWS_AT_ONCE = 1_000  # registrations whose pairs are evaluated together


class Wishes(NamedTuple):
    """The best choice of each registration at given prices.

    `kept`: the points left after paying. `unit`: the row of the chosen unit, or -1. `bound`: the upper bound that these
    choices and prices prove.
    """

    kept: Ints
    unit: Ints
    bound: int


class Sought(NamedTuple):
    """The prices that a search has found, and the best choice of each registration at these prices (*wishes*)."""

    prices: Prices
    wishes: Wishes


class Auction(Market):
    """A market that computes the best choice of each registration at given prices, and the bound."""

    def __init__(self, arrays: ProblemArrays) -> None:
        super().__init__(arrays)
        self.limits: Ints = np.zeros(len(arrays.units), dtype=np.int64)
        for unit, limit in arrays.high_care_limit.items():
            self.limits[unit] = limit
        self.limited = np.isin(np.arange(len(arrays.units)), list(arrays.high_care_limit))
        self.places = GroupPlaces(self)

    def wishes(self, prices: Prices) -> Wishes:
        """Returns the best choice of each registration. A group with `must` makes a joint choice; its first member gets
        the points of the group.
        """
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
            pair = np.flatnonzero((value == best[owner]) & (value > 0))[::-1]  # reversed: of equals, the first wins
            unit[first + owner[pair]] = arrays.unit[arrays.start[first] + pair]
            kept[first:last] = np.where(arrays.must[first:last], best, np.maximum(best, 0))
        for number, group in enumerate(self.places.groups):
            kept[group.rows], unit[group.rows] = 0, -1
            for place in self.places.best(number, values, NEVER if group.fixed else 0, 1):
                kept[group.rows[0]] = place.kept
                for choice in place.choices:
                    unit[choice.row] = choice.unit
        total = arrays.valuation.together_at_most + sum(prices.apart.values())
        total += int(kept.sum()) + int(prices.bed @ arrays.capacity) + int(prices.care @ self.limits)
        return Wishes(kept, unit, total)
