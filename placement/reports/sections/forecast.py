"""Section 6. Forecast of places that become free within 14 days, from known ends and the usual length of stays.

The length of stays is estimated from ended and present stays (Kaplan-Meier). For a stay that was taken over, only the
time after the take-over is used, because stays that ended before the take-over are unknown. The estimate gives, for
each present stay, the probability that it ends within 14 days.

The forecast is a range that contains the result in 8 of 10 cases. Its width assumes that stays end independently. It
includes the uncertainty of an estimate from few earlier stays (Greenwood).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil, prod
from statistics import NormalDist
from typing import NamedTuple

from placement.reports.inputs import Before, Rows, Span, UnitRow
from placement.reports.model import CameOut, Expected, Forecast, Kind
from placement.reports.sections.kinds import is_of, unit_is_of

DAYS = 14
LEAST_ENDED = 20
"""A scheme in which this number of stays has ended has its own estimate. The other schemes share an estimate from all
stays. If fewer stays have ended in all schemes together, there is no forecast.
"""
LEAST_FOLLOWED = 3
"""The number of stays of a length that must have been observed for all of the 14 days. If there are fewer, the last
known probability is used. (Of the tested numbers 1, 3, 5, 10 and 25, this number came nearest to 8 right ranges in 10.)
"""
TAIL = 0.1
"""The probability that the result is below the range. A result above the range has the same probability (assumed)."""
WEEKS_BACK = (2, 3, 4, 5)
"""The reports whose forecast is compared with its result, in weeks before the last Sunday. The comparison does not end
today, because the difference between two reports would disclose the day on which a client left.
"""


def forecast(rows: Rows) -> Forecast:
    units = {unit.unit: unit for unit in rows.units}
    leaving = _leaving(rows, units)
    came_out = _came_out(rows, units)
    return Forecast(
        days=DAYS,
        stays_known=sum(span.count for span in rows.spans if span.ended),
        by_kind=tuple(_expected(kind, rows, units, leaving) for kind in Kind),
        came_out=came_out,
        within=sum(row.low <= row.happened <= row.high for row in came_out) if came_out else None,
    )


class _Leaving(NamedTuple):
    """A present stay: its beds, and the probability that it ends within 14 days."""

    unit: str
    beds: int
    day: int
    lasts: "_Survival"
    chance: float


def _expected(kind: Kind, rows: Rows, units: Mapping[str, UnitRow], leaving: Sequence[_Leaving] | None) -> Expected:
    last = rows.on + timedelta(days=DAYS)
    known = sum(
        beds
        for unit in rows.units
        for room in unit.rooms
        if is_of(kind, unit, room)
        for day, beds in room.ends
        if rows.on < day <= last
    )
    if leaving is None:
        return Expected(kind=kind, known=known, likely=None, low=None, high=None)
    theirs = [one for one in leaving if unit_is_of(kind, units[one.unit])]
    low, high = _range(theirs)
    likely = round(sum(one.beds * one.chance for one in theirs), 1)
    return Expected(kind=kind, known=known, likely=likely, low=low, high=high)


def _leaving(rows: Rows, units: Mapping[str, UnitRow]) -> list[_Leaving] | None:
    """Returns every present stay with its estimate: the estimate of its scheme if enough stays of the scheme have
    ended, otherwise that of all stays. Returns `None` if too few stays of all schemes together have ended.
    """
    followed = [span for span in rows.spans if span.known_from < max(1, span.days)]
    if sum(span.count for span in followed if span.ended) < LEAST_ENDED:
        return None
    every = _Survival(followed)
    by_scheme = {}
    for scheme in {unit.scheme for unit in rows.units}:
        theirs = [span for span in followed if span.scheme == scheme]
        enough = sum(span.count for span in theirs if span.ended) >= LEAST_ENDED
        by_scheme[scheme] = _Survival(theirs) if enough else every
    return [
        _Leaving(stay.unit, stay.beds, days, lasts, lasts.ends_after(days))
        for stay in rows.stays
        for lasts, days in [(by_scheme[units[stay.unit].scheme], stay.day - stay.before)]
    ]


class _Survival:
    def __init__(self, spans: Sequence[Span]) -> None:
        import numpy as np  # noqa: PLC0415  (importing numpy is slow, and only this module needs it)

        ended, lasting = (
            [span.days for span in spans for _ in range(span.count) if span.ended is over] for over in (True, False)
        )
        every = np.sort([*ended, *lasting])
        self._last_day = max(0, int(every[-min(LEAST_FOLLOWED, len(every))]) - DAYS)
        known_from = np.sort([span.known_from or -1 for span in spans for _ in range(span.count)])
        lengths, ends = np.unique(ended, return_counts=True)
        followed = np.searchsorted(known_from, lengths) - np.searchsorted(every, lengths)
        self._lengths: list[int] = lengths.tolist()
        self._go_on: list[float] = (1 - ends / followed).tolist()
        self._greenwood = {
            int(length): float(end / (at_risk * (at_risk - end)))
            for length, end, at_risk in zip(lengths, ends, followed, strict=True)
            if at_risk > end
        }

    def lasts_beyond(self, day: int) -> float:
        """Returns the probability that a stay lasts longer than this number of days."""
        return prod(self._go_on[: bisect_right(self._lengths, day)])

    def ends_after(self, day: int) -> float:
        """Returns the probability that a stay that has lasted this number of days ends within 14 days."""
        first = self._first(day)
        now, later = (bisect_right(self._lengths, first + more) for more in (0, DAYS))
        return 1 - prod(self._go_on[now:later])

    def uncertainty(self, stays: Sequence[_Leaving]) -> float:
        """Returns the variance of the expected number of beds that results from the uncertainty of the estimate."""
        weight: defaultdict[int, float] = defaultdict(float)
        for one in stays:
            first = self._first(one.day)
            for length in range(first + 1, first + DAYS + 1):
                weight[length] += one.beds * (1 - one.chance)
        return sum(weight[length] ** 2 * variance for length, variance in self._greenwood.items() if length in weight)

    def _first(self, day: int) -> int:
        return min(day, self._last_day)


def _range(stays: Sequence[_Leaving]) -> tuple[int, int]:
    """Returns the limits of the forecast: a low and a high number of beds. They follow from the exact distribution for
    these stays, and from the uncertainty of the estimate.
    """
    import numpy as np  # noqa: PLC0415  (as above)

    beds = np.ones(1)
    for stay in stays:
        one = np.zeros(stay.beds + 1)
        one[0], one[-1] = 1 - stay.chance, stay.chance
        beds = np.convolve(beds, one) if stay.beds else beds
    by_curve: defaultdict[_Survival, list[_Leaving]] = defaultdict(list)
    for stay in stays:
        by_curve[stay.lasts].append(stay)
    variance = sum(curve.uncertainty(theirs) for curve, theirs in by_curve.items())
    error = _error(variance)
    at_least = len(error) // 2
    up_to = np.cumsum(np.convolve(beds, error))
    low, high = (int(np.searchsorted(up_to, at)) - at_least for at in (TAIL, 1 - TAIL))
    return max(low, 0), min(high, len(beds) - 1)


def _error(variance: float) -> list[float]:
    """Returns the probabilities of a normal error in whole beds, from four standard deviations below 0 to
    four above 0.
    """
    if variance == 0:
        return [1.0]
    normal = NormalDist(0, variance**0.5)
    most = ceil(4 * normal.stdev)
    return [normal.cdf(beds + 0.5) - normal.cdf(beds - 0.5) for beds in range(-most, most + 1)]


def _came_out(rows: Rows, units: Mapping[str, UnitRow]) -> tuple[CameOut, ...]:
    """Returns the forecasts of four Sundays with their results, latest first. They are Sundays because results are
    counted in complete weeks.
    """
    before = {row.on: row for row in rows.before}
    return tuple(
        CameOut(
            expected_on=then.on,
            kind=kind,
            low=then.expected[kind][0],
            high=then.expected[kind][1],
            likely=then.expected[kind][2],
            happened=_happened(rows, units, then, kind),
        )
        for back in WEEKS_BACK
        if (then := before.get(rows.on - timedelta(days=rows.on.isoweekday(), weeks=back)))
        for kind in Kind
        if kind in then.expected
    )


def _happened(rows: Rows, units: Mapping[str, UnitRow], then: Before, kind: Kind) -> int:
    """Returns how many beds became free within 14 days after the forecast `then`, because stays that the forecast
    included ended.
    """
    return sum(
        left.beds
        for left in rows.left
        if left.began_on <= then.on < left.ended_on <= then.on + timedelta(days=DAYS)
        and unit_is_of(kind, units[left.unit])
    )
