"""The hours of duty: days of the week, hours in Amsterdam, public holidays, the change of the clock."""

from datetime import UTC, date, datetime

import pytest

from placement.duty.hours import Duty, holidays

DUTY = Duty(frozenset(range(1, 6)), (9, 17))


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_holidays_of_2027_are_those_of_the_calendar():
    assert sorted(holidays(2027)) == [
        date(2027, 1, 1), date(2027, 3, 29), date(2027, 4, 27), date(2027, 5, 5), date(2027, 5, 6), date(2027, 5, 17),
        date(2027, 12, 25), date(2027, 12, 26),
    ]  # fmt: skip


def test_kings_day_on_a_sunday_is_kept_the_day_before():
    assert date(2025, 4, 26) in holidays(2025)
    assert date(2025, 4, 27) not in holidays(2025)


@pytest.mark.parametrize(
    ("moment", "on"),
    [
        (at(2026, 11, 24, 7, 59), False),
        (at(2026, 11, 24, 8, 0), True),
        (at(2026, 11, 24, 15, 59), True),
        (at(2026, 11, 24, 16, 0), False),
        (at(2026, 11, 28, 10, 0), False),  # a Saturday
        (at(2026, 12, 25, 10, 0), False),  # a Friday, Christmas Day
        (at(2027, 3, 26, 15, 59), True),  # winter time
        (at(2027, 3, 30, 6, 59), False),  # summer time: an hour earlier
        (at(2027, 3, 30, 7, 0), True),
    ],
)
def test_duty_is_on_in_its_hours_of_amsterdam(moment, on):
    assert DUTY.is_on(moment) is on


@pytest.mark.parametrize(
    ("after", "begins"),
    [
        (at(2026, 11, 27, 17, 0), at(2026, 11, 30, 8, 0)),
        (at(2026, 11, 24, 3, 0), at(2026, 11, 24, 8, 0)),
        (at(2026, 12, 24, 18, 0), at(2026, 12, 28, 8, 0)),
        (at(2027, 3, 27, 18, 0), at(2027, 3, 30, 7, 0)),  # over the change of 28 March and Easter Monday
    ],
)
def test_duty_begins_next_on_a_day_that_has_it(after, begins):
    assert DUTY.next_beginning(after) == begins


def test_day_of_call_lasts_until_duty_begins_in_summer_time():
    assert DUTY.day_of_call(at(2027, 3, 28, 6, 59)) == date(2027, 3, 27)
    assert DUTY.day_of_call(at(2027, 3, 28, 7, 0)) == date(2027, 3, 28)
