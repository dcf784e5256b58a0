"""Durations in words: how long something lasted, and the time until a moment or since it."""

from datetime import timedelta

import pytest
from babel import Locale

from api.pages.rendering import _ago, _lasting
from placement.core import clock
from tests.support.stores import AT


@pytest.mark.parametrize(
    ("lasted", "nl", "en"),
    [
        (timedelta(seconds=59), "0 minuten", "0 minutes"),
        (timedelta(minutes=59, seconds=59), "59 minuten", "59 minutes"),
        (timedelta(hours=1), "1 uur", "1 hour"),
        (timedelta(hours=23, minutes=59), "23 uur", "23 hours"),
        (timedelta(days=33, hours=20), "33 dagen", "33 days"),
        (timedelta(days=-1), "0 minuten", "0 minutes"),
    ],
)
def test_duration_is_shown_in_minutes_hours_and_days(lasted, nl, en, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT + lasted)
    assert (_lasting(AT, Locale("nl")), _lasting(AT, Locale("en"))) == (nl, en)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(hours=6, minutes=59), "in 6 hours"),
        (timedelta(hours=-6, minutes=-59), "6 hours ago"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(days=-2, hours=-23), "2 days ago"),
    ],
)
def test_time_ahead_or_ago_has_the_number_of_a_duration(ahead, words, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT - ahead)
    assert _ago(AT, Locale("en")) == words
