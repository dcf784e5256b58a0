"""The subgradient search for prices with a small bound. A price rises if demand exceeds capacity, and falls otherwise.

The search has momentum. Every step proves a valid bound, and the best bound is kept.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from matching.large.prices import Auction, Sought
from matching.large.problem_arrays import Ints
from matching.large.values import Prices
from matching.limit import Limit

Floats = NDArray[np.float64]
MOMENTUM = 0.7
PATIENCE = 15  # after so many steps without a better bound, continues from the best prices with smaller steps
SHRINK = 0.7
START = 0.1  # the first step size, as a share of the step size that would be right for a gap of HOPE
HOPE = 0.015  # the assumed relative gap between optimum and bound, only for the step size


def subgradient_prices(
    auction: Auction, limit: Limit, steps: int, better: Callable[[int], None] = lambda _: None
) -> Sought:
    """Returns the best prices found in `steps` steps or until the limit. `better`: receives each better bound."""
    best = _level(auction)
    better(best.wishes.bound)
    prices = best.prices
    bed, care = prices.bed.astype(np.float64), prices.care.astype(np.float64)
    towards_bed, towards_care = np.zeros_like(bed), np.zeros_like(care)
    scale, waited = START, 0
    wishes = best.wishes
    for _ in range(steps):
        if limit.is_over() or waited > PATIENCE * 4:
            break
        beds, places = _demand(auction, Sought(prices, wishes))
        towards_bed = MOMENTUM * towards_bed + _excess(beds - auction.arrays.capacity, bed)
        towards_care = MOMENTUM * towards_care + _excess(np.where(auction.limits > 0, places - auction.limits, 0), care)
        size = float(towards_bed @ towards_bed + towards_care @ towards_care) + 1.0
        step = scale * (wishes.bound - (1 - HOPE) * best.wishes.bound) / size
        bed, care = np.maximum(0.0, bed + step * towards_bed), np.maximum(0.0, care + step * towards_care)
        prices = Prices(np.rint(bed).astype(np.int64), np.rint(care).astype(np.int64), {})
        wishes = auction.wishes(prices)
        waited += 1
        if wishes.bound < best.wishes.bound:
            best, waited = Sought(prices, wishes), 0
            better(wishes.bound)
        elif waited % PATIENCE == 0:
            scale *= SHRINK
            prices, wishes = best
            bed, care = prices.bed.astype(np.float64), prices.care.astype(np.float64)
            towards_bed, towards_care = np.zeros_like(bed), np.zeros_like(care)
    return best


def _level(auction: Auction) -> Sought:
    """Returns the first prices: the same price for all beds, at which demand is near capacity. Returns prices of 0 if
    they prove a better bound.
    """
    arrays, free = auction.arrays, auction.no_prices()
    for_nothing = Sought(free, auction.wishes(free))
    persons = np.array([len(row.persons) for row in arrays.registrations], dtype=np.int64)
    each = for_nothing.wishes.kept // persons
    order = np.argsort(-each, kind="stable")
    last = int(np.searchsorted(np.cumsum(persons[order]), int(arrays.capacity.sum())))
    if last == len(order) or each[order[last]] <= 0:
        return for_nothing
    level = free._replace(bed=np.full_like(free.bed, each[order[last]]))
    return min(for_nothing, Sought(level, auction.wishes(level)), key=lambda sought: sought.wishes.bound)


def _demand(auction: Auction, sought: Sought) -> tuple[Ints, Ints]:
    """Returns the demand at these prices: the beds in each group of rooms, and the high-care places in each unit."""
    arrays, (prices, wishes) = auction.arrays, sought
    beds, care = np.zeros_like(prices.bed), np.zeros_like(prices.care)
    who = np.flatnonzero(wishes.unit >= 0)
    different, times = np.unique(arrays.class_of[who] * len(arrays.units) + wishes.unit[who], return_counts=True)
    for number, count in zip(different.tolist(), times.tolist(), strict=True):
        of, unit = divmod(number, len(arrays.units))
        shape, row = auction.shape_of[of]
        for group, taken in shape.take(row, unit, prices.bed):
            beds[group] += taken * count
        care[unit] += count * bool(auction.high_care[of])
    return beds, care


def _excess(excess: NDArray[np.int64], prices: Floats) -> Floats:
    """Returns the direction in which the prices change: demand minus capacity. A price of 0 does not fall."""
    return np.where((prices <= 0) & (excess < 0), 0, excess).astype(np.float64)
