"""6. Places that come free within 14 days: those of which the end is known, and of stays as long as stays last.

How long stays last is estimated with those that go on (Kaplan-Meier). Each stay of today ends within 14 days with
the chance that follows for one of its length; the range holds what comes of it 8 times in 10, if stays end
independently of one another.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from placement.report.kinds import is_of, unit_is_of
from placement.report.rows import Before, Rows, Span, UnitRow
from placement.report.shape import CameOut, Expected, Expecting, Kind

DAYS = 14
LEAST_ENDED = 20
"""So many stays of a scheme must have ended to go by them, else by those of all schemes; fewer in all: no word."""
TAIL = 0.1
"""Of the range, on either side (both assumed)."""
LOOKED_BACK = (14, 21, 28, 35)
"""The reports, by how many days ago, whose expectation can be held against what happened."""


def expecting(rows: Rows) -> Expecting:
    units = {unit.unit: unit for unit in rows.units}
    chances = _chances(rows, units)
    came_out = _came_out(rows, units)
    return Expecting(
        days=DAYS,
        stays_known=sum(span.count for span in rows.spans if span.ended),
        by_kind=tuple(_expected(kind, rows, units, chances) for kind in Kind),
        came_out=came_out,
        within=sum(row.low <= row.happened <= row.high for row in came_out) if came_out else None,
    )


def _expected(
    kind: Kind, rows: Rows, units: Mapping[str, UnitRow], chances: Sequence[tuple[str, int, float]] | None
) -> Expected:
    last = rows.on + timedelta(days=DAYS)
    known = sum(
        beds
        for unit in rows.units
        for room in unit.rooms
        if is_of(kind, unit, room)
        for day, beds in room.ends
        if rows.on < day <= last
    )
    if chances is None:
        return Expected(kind=kind, known=known, likely=None, low=None, high=None)
    low, high, likely = _range([(beds, p) for unit, beds, p in chances if unit_is_of(kind, units[unit])])
    return Expected(kind=kind, known=known, likely=likely, low=low, high=high)


def _chances(rows: Rows, units: Mapping[str, UnitRow]) -> list[tuple[str, int, float]] | None:
    """Of every stay: its unit, its beds, and the chance that it ends within 14 days."""
    if sum(span.count for span in rows.spans if span.ended) < LEAST_ENDED:
        return None
    every = _Survival(rows.spans)
    by_scheme = {}
    for scheme in {unit.scheme for unit in rows.units}:
        theirs = [span for span in rows.spans if span.scheme == scheme]
        enough = sum(span.count for span in theirs if span.ended) >= LEAST_ENDED
        by_scheme[scheme] = _Survival(theirs) if enough else every
    return [(stay.unit, stay.beds, by_scheme[units[stay.unit].scheme].ends_after(stay.day)) for stay in rows.stays]


class _Survival:
    def __init__(self, spans: Sequence[Span]) -> None:
        from scipy import stats  # noqa: PLC0415  (takes half a second, and only this needs it)

        ended, lasting = (
            [span.days for span in spans for _ in range(span.count) if span.ended is over] for over in (True, False)
        )
        self._lasts = stats.ecdf(stats.CensoredData(uncensored=ended, right=lasting)).sf

    def ends_after(self, day: int) -> float:
        """The chance that a stay of this length ends within 14 days; 1 beyond the longest that is known."""
        now, later = (float(self._lasts.evaluate(day + more)) for more in (0, DAYS))
        if now <= 0:
            return 1.0
        return 1 - later / now


def _range(stays: Sequence[tuple[int, float]]) -> tuple[int, int, float]:
    """Low, high and mean of the beds that come free: the exact distribution, stay by stay."""
    import numpy as np  # noqa: PLC0415  (as above)

    beds = np.ones(1)
    for count, chance in stays:
        one = np.zeros(count + 1)
        one[0], one[count] = 1 - chance, chance
        beds = np.convolve(beds, one) if count else beds
    low, high = (int(np.searchsorted(np.cumsum(beds), at)) for at in (TAIL, 1 - TAIL))
    return low, high, round(sum(count * chance for count, chance in stays), 1)


def _came_out(rows: Rows, units: Mapping[str, UnitRow]) -> tuple[CameOut, ...]:
    """Of the reports of 2 to 5 weeks ago, the latest first."""
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
        for back in LOOKED_BACK
        if (then := before.get(rows.on - timedelta(days=back)))
        for kind in Kind
        if kind in then.expected
    )


def _happened(rows: Rows, units: Mapping[str, UnitRow], then: Before, kind: Kind) -> int:
    """Beds of stays that were there then, and ended in the 14 days after."""
    return sum(
        left.beds
        for left in rows.left
        if left.began_on <= then.on < left.ended_on <= then.on + timedelta(days=DAYS)
        and unit_is_of(kind, units[left.unit])
    )
