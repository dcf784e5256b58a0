"""Periods of the report: weeks, months, quarters and years of the calendar. Two periods of the same kind never overlap.

Events are counted by week (`sections/flow.py`). A week belongs to the month, quarter and year of its Thursday, like the
week numbers of ISO 8601. So each week belongs to a single month, quarter and year. The figures of a month, quarter or
year are sums over its weeks.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from placement.core.clock import monday_of

WEEK = timedelta(days=7)
_THURSDAY = timedelta(days=3)
_DAY = timedelta(days=1)


class PeriodKind(StrEnum):
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}
_PARTS = {
    PeriodKind.YEAR: PeriodKind.QUARTER,
    PeriodKind.QUARTER: PeriodKind.MONTH,
    PeriodKind.MONTH: PeriodKind.WEEK,
}
"""The kind of the parts of each kind of period. The totals of all parts add up to the total of the period."""


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day of a period."""

    kind: PeriodKind
    begins_on: date
    ends_on: date

    @property
    def days(self) -> list[date]:
        return [self.begins_on + number * _DAY for number in range((self.ends_on - self.begins_on).days + 1)]

    @property
    def weeks(self) -> list[date]:
        """The Mondays of the weeks that belong to the period, because their Thursday is in the period."""
        first = monday_of(self.begins_on)
        mondays = [first + number * WEEK for number in range((self.ends_on - first).days // WEEK.days + 1)]
        return [monday for monday in mondays if self.begins_on <= monday + _THURSDAY <= self.ends_on]

    @property
    def parts(self) -> list["Period"]:
        """The parts of the period, such as the months of a quarter. Empty for a week."""
        if self.kind not in _PARTS:
            return []
        found = [period_of(_PARTS[self.kind], monday + _THURSDAY) for monday in self.weeks]
        return sorted(set(found), key=lambda part: part.begins_on)

    @property
    def previous(self) -> "Period":
        return period_of(self.kind, self.begins_on - _DAY)

    @property
    def next(self) -> "Period":
        return period_of(self.kind, self.ends_on + _DAY)

    @property
    def told_from(self) -> date:
        """The day of the first daily report that contains a part of the period."""
        return min(self.begins_on, self.weeks[0] + WEEK)

    @property
    def told_until(self) -> date:
        """The day of the last daily report that contains a part of the period. A week is in reports until the next
        Sunday.
        """
        return max(self.ends_on, self.weeks[-1] + 2 * WEEK - _DAY)


def period_of(kind: PeriodKind, day: date) -> Period:
    """Returns the period that contains this day. Raises `OverflowError` at the ends of the calendar."""
    if kind is PeriodKind.WEEK:
        return Period(kind, monday_of(day), monday_of(day) + WEEK - _DAY)
    months = _MONTHS[kind]
    first = (day.month - 1) // months * months + 1
    after = first + months
    following = date(day.year + 1, 1, 1) if after > 12 else date(day.year, after, 1)  # noqa: PLR2004  (months)
    return Period(kind, date(day.year, first, 1), following - _DAY)
