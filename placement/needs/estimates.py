"""Confidence intervals from resampled weeks: for the effect of additional places, and for the difference between a
group and all other clients. The functions are pure: equal numbers give equal intervals.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from placement.needs.model import Estimate, Interval

_RESAMPLED = 2_000
_WEEK = 7
FEWEST_WEEKS = 8
"""The smallest number of weeks for which an interval is computed."""
_EIGHT_OF_TEN = (10, 90)
_SURE = (0.25, 99.75)
"""The percentiles of a comparison's interval. An interval of 95 % would be too narrow, because the report of a period
contains about a hundred comparisons.
"""
_Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Gained(NamedTuple):
    placed: Estimate
    days_saved: Estimate


def gained(gains: Sequence[float], places: int, stay_days: int, wait_days: float, *, with_interval: bool) -> Gained:
    """Returns the effect of additional places: the number of persons placed, and the days of waiting that they save.

    `gains`: for each day, how many more persons would be placed if all these places were free. Assumptions:

    - A placed person keeps the place for `stay_days`.
    - Without the place, the person would have waited for `wait_days` on average. The chance that the wait ends is the
      same on each day.
    - The number of persons who would still wait is never larger than the gain of the day.
    """
    stays = stay_days, 1 - 1 / max(1.0, wait_days)
    likely = _lived(np.array([gains], dtype=float), places, *stays)
    weeks = [list(gains[begin : begin + _WEEK]) for begin in range(0, len(gains) - _WEEK + 1, _WEEK)]
    if not with_interval or len(weeks) < FEWEST_WEEKS:
        return Gained(*(Estimate(likely=round(float(one[0])), low=None, high=None) for one in likely))
    drawn = np.random.default_rng(len(weeks)).integers(len(weeks), size=(_RESAMPLED, -(-len(gains) // _WEEK)))
    series = np.array(weeks, dtype=float)[drawn].reshape(_RESAMPLED, -1)[:, : len(gains)]
    ends = [np.percentile(one, _EIGHT_OF_TEN) for one in _lived(series, places, *stays)]
    return Gained(*(_estimate(float(one[0]), low, high) for one, (low, high) in zip(likely, ends, strict=True)))


def _estimate(likely: float, low: float, high: float) -> Estimate:
    """Returns the estimate with its interval. Widens the interval if it does not contain the estimate."""
    return Estimate(likely=round(likely), low=round(min(low, likely)), high=round(max(high, likely)))


def _lived(gains: _Numbers, places: int, stay_days: int, still_waits: float) -> tuple[_Numbers, _Numbers]:
    """Returns the numbers of persons placed and of days saved, for each row of `gains`. A row has a number for each
    day. `still_waits`: the share of waiting persons who also wait on the next day.
    """
    rows, days = gains.shape
    gains = np.minimum(gains, places)
    back = np.zeros((rows, days + stay_days + 1))
    free, waits, placed, saved = (np.full(rows, float(number)) for number in (places, 0, 0, 0))
    for day in range(days):
        free += back[:, day]
        waits = np.minimum(waits * still_waits, gains[:, day])
        more = np.minimum(free, gains[:, day] - waits)
        free, waits, placed = free - more, waits + more, placed + more
        back[:, day + max(1, stay_days)] += more
        saved += waits
    return placed, saved


class Compared(NamedTuple):
    of_group: Interval
    of_others: Interval
    is_higher: bool


def compare(group: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]], per: int) -> Compared | None:
    """Compares a ratio of a group with the ratio of all others. Returns the intervals of both ratios. Returns `None`
    for fewer than eight weeks, for a denominator of 0, and if chance can explain the difference.

    `group`, `others`: numerator and denominator for each week. `per`: the factor that multiplies the ratios, such as
    100.
    """
    if len(group) < FEWEST_WEEKS:
        return None
    weights = np.random.default_rng(len(group)).multinomial(
        len(group), np.full(len(group), 1 / len(group)), size=_RESAMPLED
    )
    ratios = []
    for weeks in (group, others):
        over, under = (weights @ np.array(weeks, dtype=float)).T
        if (under == 0).any():
            return None
        ratios.append(per * over / under)
    low, high = np.percentile(ratios[0] - ratios[1], _SURE)
    if low <= 0 <= high:
        return None
    one, other = (Interval(**dict(zip(("low", "high"), _ends(ratio), strict=True))) for ratio in ratios)
    return Compared(one, other, bool(low > 0))


def _ends(ratios: _Numbers) -> list[float]:
    return [round(float(end), 1) for end in np.percentile(ratios, _SURE)]
