"""Days as people type them, in both languages."""

from datetime import date, timedelta

import pytest

from placement.text.days import Typed, day_with_name, days_meant, shown_day, typed_day

FRIDAY = date(2026, 11, 27)


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
        ("01022027", "2027-02-01"),
        ("010227", "2027-02-01"),
        ("1 - 2 - 2027", "2027-02-01"),
        ("1st of feb", "2027-02-01"),
        ("The 2nd of February, 2027", "2027-02-02"),
        ("1e februari", "2027-02-01"),
        ("Feb 1", "2027-02-01"),
        ("vrijdag 4 december", "2026-12-04"),
        ("Fri 4-12-2026", "2026-12-04"),
        ("op 1 februari", "2027-02-01"),
    ],
)
def test_typed_day_is_read_from_today_on(written, meant):
    assert typed_day(written, FRIDAY) == meant


@pytest.mark.parametrize(
    "written",
    ["31-2-2026", "1-13", "soon", "", "2026-12-01", "1 nonsense", "12", "20270201"],
)
def test_what_is_no_such_day_stays_as_typed(written):
    assert typed_day(written, FRIDAY) == written


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("vrijdag 5 december", ["2026-12-04", "2026-12-05", "2026-12-11"]),
        ("12/31/2026", ["2026-12-31"]),
        ("31-2-2027", ["2027-02-28"]),
        ("1 febuari", ["2027-02-01"]),
        ("vrijdga 4 december", ["2026-12-04"]),
        ("soon", []),
        ("99-99", []),
    ],
)
def test_unclear_day_offers_what_may_be_meant(written, meant):
    assert isinstance(typed_day(written, FRIDAY), Typed)
    assert [day.isoformat() for day in days_meant(written, FRIDAY)] == meant


@pytest.mark.parametrize(
    "written", ["today", "morgen", "vrijdag", "next friday", "volgende week vrijdag", "in 3 days", "over een maand"]
)
def test_day_relative_to_today_is_no_day(written):
    assert isinstance(typed_day(written, FRIDAY), Typed)
    assert days_meant(written, FRIDAY) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_offered_day_can_be_typed_as_it_is_shown(language):
    for ahead in range(400):
        day = FRIDAY + timedelta(days=ahead)
        assert typed_day(day_with_name(day, language), FRIDAY) == day.isoformat()


def test_day_is_shown_as_it_is_typed():
    assert (shown_day("2026-02-01"), shown_day("morgen")) == ("1-2-2026", "morgen")
    assert typed_day(shown_day("2027-12-31"), FRIDAY) == "2027-12-31"
