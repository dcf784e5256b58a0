"""Days as people type them, in both languages."""

from datetime import date, timedelta

import pytest

from placement.text.days import Typed, day_with_name, days_meant, shown_day, typed_day

WEDNESDAY, FRIDAY = date(2026, 11, 25), date(2026, 11, 27)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1-2-2026", "2026-02-01"),
        ("1/2/27", "2027-02-01"),
        ("1.2", "2027-02-01"),
        ("28-11", "2026-11-28"),
        ("27 november", "2026-11-27"),
        ("1 feb", "2027-02-01"),
        ("1 feb.", "2027-02-01"),
        ("1 Februari 2028", "2028-02-01"),
        ("3 march", "2027-03-03"),
        ("29 feb", "2028-02-29"),
        (" Morgen ", "2026-11-28"),
        ("overmorgen", "2026-11-29"),
        ("tomorrow", "2026-11-28"),
        ("today", "2026-11-27"),
        ("za", "2026-11-28"),
        ("vrijdag", "2026-12-04"),
        ("Thursday", "2026-12-03"),
        ("fri.", "2026-12-04"),
        ("01022027", "2027-02-01"),
        ("010227", "2027-02-01"),
        ("1 - 2 - 2027", "2027-02-01"),
        ("1st of feb", "2027-02-01"),
        ("The 2nd of February, 2027", "2027-02-02"),
        ("1e februari", "2027-02-01"),
        ("Feb 1", "2027-02-01"),
        ("over 3 dagen", "2026-11-30"),
        ("in three weeks", "2026-12-18"),
        ("over een maand", "2026-12-27"),
        ("within a week", "2026-12-04"),
        ("volgende week vrijdag", "2026-12-04"),
        ("maandag volgende week", "2026-11-30"),
        ("komende maandag", "2026-11-30"),
        ("za a.s.", "2026-11-28"),
        ("next friday", "2026-12-04"),
        ("the day after tomorrow", "2026-11-29"),
        ("vrijdag 4 december", "2026-12-04"),
        ("Fri 4-12-2026", "2026-12-04"),
    ],
)
def test_typed_day_is_read_from_today_on(written, meant):
    assert typed_day(written, FRIDAY) == meant


@pytest.mark.parametrize(
    "written",
    ["31-2-2026", "1-13", "soon", "", "2026-12-01", "1 nonsense", "12", "next", "in days", "next week", "20270201"],
)
def test_what_is_no_such_day_stays_as_typed(written):
    assert typed_day(written, FRIDAY) == written


@pytest.mark.parametrize(
    ("written", "today", "meant"),
    [
        ("next friday", WEDNESDAY, ["2026-11-27", "2026-12-04"]),
        ("volgende vrijdag", WEDNESDAY, ["2026-11-27", "2026-12-04"]),
        ("this friday", FRIDAY, ["2026-11-27", "2026-12-04"]),
        ("maandag over 2 weken", FRIDAY, ["2026-12-07", "2026-12-14"]),
        ("vrijdag 5 december", FRIDAY, ["2026-12-04", "2026-12-05", "2026-12-11"]),
        ("12/31/2026", FRIDAY, ["2026-12-31"]),
        ("31-2-2027", FRIDAY, ["2027-02-28"]),
        ("vrijdga", FRIDAY, ["2026-12-04"]),
        ("volgnde week vrijdag", FRIDAY, ["2026-12-04"]),
        ("1 febuari", FRIDAY, ["2027-02-01"]),
        ("soon", FRIDAY, []),
        ("99-99", FRIDAY, []),
    ],
)
def test_unclear_day_offers_what_may_be_meant(written, today, meant):
    assert isinstance(typed_day(written, today), Typed)
    assert [day.isoformat() for day in days_meant(written, today)] == meant


def test_month_that_is_shorter_ends_earlier():
    assert typed_day("over 3 maanden", date(2026, 11, 30)) == "2027-02-28"
    assert typed_day("in a month", date(2026, 12, 31)) == "2027-01-31"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_offered_day_can_be_typed_as_it_is_shown(language):
    for ahead in range(400):
        day = FRIDAY + timedelta(days=ahead)
        assert typed_day(day_with_name(day, language), FRIDAY) == day.isoformat()


def test_day_is_shown_as_it_is_typed():
    assert (shown_day("2026-02-01"), shown_day("morgen")) == ("1-2-2026", "morgen")
    assert typed_day(shown_day("2027-12-31"), FRIDAY) == "2027-12-31"
