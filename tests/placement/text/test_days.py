"""Days as people type them, in both languages."""

from datetime import date

import pytest

from placement.text.days import shown_day, typed_day

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
        (" Morgen ", "2026-11-28"),
        ("overmorgen", "2026-11-29"),
        ("tomorrow", "2026-11-28"),
        ("today", "2026-11-27"),
        ("za", "2026-11-28"),
        ("vrijdag", "2026-12-04"),
        ("Thursday", "2026-12-03"),
    ],
)
def test_typed_day_is_read_from_today_on(written, meant):
    assert typed_day(written, FRIDAY) == meant


@pytest.mark.parametrize("written", ["31-2-2026", "1-13", "soon", "", "2026-12-01", "1 nonsense", "12"])
def test_what_is_no_such_day_stays_as_typed(written):
    assert typed_day(written, FRIDAY) == written


def test_day_is_shown_as_it_is_typed():
    assert (shown_day("2026-02-01"), shown_day("morgen")) == ("1-2-2026", "morgen")
    assert typed_day(shown_day("2027-12-31"), FRIDAY) == "2027-12-31"
