"""The night in which summer time ends: its hour that comes twice, as it is shown and as it is written."""

from datetime import UTC, datetime, timedelta

import pytest
from babel import Locale

from api.pages.forms import local_moment
from api.pages.rendering import _on_a_day, _soon


def test_hour_that_the_clock_shows_twice_is_told_apart():
    first, second = (datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (0, 1))
    for language in ("nl", "en"):
        for shown in (_on_a_day, _soon):
            said = [shown(moment, Locale(language)) for moment in (first, second)]
            assert [words.count("02:30") for words in said] == [1, 1]
            assert said[0] != said[1]
    assert _on_a_day(datetime(2027, 10, 31, 2, 30, tzinfo=UTC), Locale("en")) == "Sun 31 Oct 2027 03:30"


@pytest.mark.parametrize(
    ("minutes", "offset"),
    [(-60, "+02:00"), (29, "+02:00"), (31, "+01:00"), (89, "+01:00"), (91, "+02:00")],
)
def test_time_written_in_the_hour_that_comes_twice_is_one_ahead(minutes, offset):
    now = datetime(2027, 10, 31, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    assert local_moment("2027-10-31T02:30", now) == f"2027-10-31T02:30:00{offset}"
    assert local_moment("2027-10-31T02:30") == "2027-10-31T02:30:00+02:00"
