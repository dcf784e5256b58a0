"""The hours in which the desk is on duty.

Public holidays follow article 3, first paragraph, of the Algemene termijnenwet (wetten.overheid.nl, BWBR0002448): New
Year's Day, Easter Monday, Ascension Day, Whit Monday, both days of Christmas, the day on which the King's birthday is
kept, and 5 May. The King's birthday is kept on 27 April, or on the 26th if the 27th is a Sunday (decree of 2 October
2013).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from dateutil.easter import easter

from placement.core.clock import AMSTERDAM, day_of, moment_of
from placement.core.settings import Settings

_DAY = timedelta(days=1)
_SUNDAY = 6
_MIDNIGHT = 24
_AFTER_EASTER = (1, 39, 50)
"""The numbers of days from Easter Sunday to Easter Monday, to Ascension Day and to Whit Monday."""


@cache
def holidays(year: int) -> frozenset[date]:
    kings_day = date(year, 4, 27)
    return frozenset(
        {
            date(year, 1, 1),
            date(year, 5, 5),
            date(year, 12, 25),
            date(year, 12, 26),
            kings_day - _DAY if kings_day.weekday() == _SUNDAY else kings_day,
            *(easter(year) + timedelta(days=days) for days in _AFTER_EASTER),
        }
    )


@dataclass(frozen=True, slots=True)
class Duty:
    """The hours of duty. `days`: the weekdays (1 is Monday). `hours`: beginning and end, as hours in Amsterdam."""

    days: frozenset[int]
    hours: tuple[int, int]

    def is_on(self, at: datetime) -> bool:
        begins, ends = self.hours
        return self._is_day(day_of(at)) and begins <= at.astimezone(AMSTERDAM).hour < ends

    def end_after(self, at: datetime) -> datetime | None:
        """Returns the time at which the present period of duty ends; `None` if the desk is not on duty at this time."""
        if not self.is_on(at):
            return None
        day = day_of(at)
        return moment_of(day + _DAY, time()) if self.hours[1] == _MIDNIGHT else moment_of(day, time(self.hours[1]))

    def next_beginning(self, after: datetime) -> datetime:
        """Returns the first beginning of duty after this time."""
        return next(moment for day in self._days_from(day_of(after)) if (moment := self.beginning_on(day)) > after)

    def beginning_on(self, day: date) -> datetime:
        """Returns the time at which duty begins, or would begin, on this day."""
        return moment_of(day, time(self.hours[0]))

    def day_of_call(self, at: datetime) -> date:
        """Returns the day of call that contains this time. It lasts from the hour at which duty begins to the same hour
        of the next day, and is named by its first day.
        """
        today = day_of(at)
        return today if at >= self.beginning_on(today) else today - _DAY

    def _is_day(self, day: date) -> bool:
        return day.isoweekday() in self.days and day not in holidays(day.year)

    def _days_from(self, day: date) -> Iterator[date]:
        while True:
            if self._is_day(day):
                yield day
            day += _DAY


def duty_of(settings: Settings) -> Duty:
    """Returns the hours of duty of this installation."""
    return Duty(settings.duty_days, settings.duty_hours)
