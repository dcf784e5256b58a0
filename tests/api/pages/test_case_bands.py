"""The states of a case as bands, in the order of time."""

from datetime import timedelta

import pytest

from api.pages import case_bands
from api.v1.timeline import TimelineEntryOut
from tests.support.stores import AT


def entries(*events):
    """Returns the entries, newest first. `events`: the minute and the event, in the order of time."""
    found = [
        TimelineEntryOut(
            line=number, at=AT + timedelta(minutes=at), event=event, words=event, by=None, role=None, details=[]
        )
        for number, (at, event) in enumerate(events)
    ]
    return found[::-1]


def codes(*events, now=1000):
    found = case_bands.bands_of(entries(*events), AT + timedelta(minutes=now))
    return [(band.state[1], band.lasted / timedelta(minutes=1)) for band in found]


EVENING = (
    (0, "registration:made"),
    (9, "registration:changed"),
    (30, "hold:made"),
    (30, "decision:made"),
    (31, "hold:asked"),
    (60, "hold:confirmed"),
    (160, "stay:arrived"),
)


def test_evening_has_a_band_for_each_state():
    assert codes(*EVENING, now=400) == [
        ("open", 30),
        ("reserved", 1),
        ("waiting_for_shelter", 29),
        ("planned", 100),
        ("in_house", 240),
    ]


def test_search_of_another_place_leaves_the_client_at_home():
    moved = (*EVENING, (500, "hold:made"), (510, "hold:refused"), (520, "hold:confirmed"))
    assert codes(*moved)[-1] == ("in_house", 840)
    arrived = (*moved, (600, "stay:ended"), (600, "stay:arrived"))
    assert codes(*arrived)[-1] == ("in_house", 840)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (["stay:ended", "client:missing"], "missing"),
        (["stay:ended", "registration:closed"], "closed"),
        (["stay:ended", "registration:reopened"], "open"),
    ],
)
def test_end_of_a_stay_leads_to_its_state(events, state):
    assert codes(*EVENING, *((500, event) for event in events))[-1][0] == state


def test_no_entries_have_no_band():
    assert codes() == []


def test_bands_fill_the_picture_and_a_longer_band_is_wider():
    now = AT + timedelta(days=40)
    bands = case_bands.bands_of(entries(*EVENING), now)
    drawn = case_bands.drawn(bands, ["wacht"] * len(bands))
    assert abs(sum(one.width for one in drawn) - case_bands.WIDTH) <= len(drawn)
    assert drawn[-1].width > drawn[0].width > drawn[1].width
    assert all(one.fits for one in drawn)
    points = list(case_bands.points_of(entries(*EVENING), drawn, now))
    assert [one.changes_state for one in points] == [True, False, True, True, True, True]
    assert [one.x for one in points] == sorted(one.x for one in points)
    assert case_bands.durations(bands) == (timedelta(minutes=30), timedelta(minutes=160))


def test_texts_that_do_not_fit_are_left_out_of_the_picture():
    bands = case_bands.bands_of(entries(*EVENING), AT + timedelta(hours=5))
    drawn = case_bands.drawn(bands, ["x" * 60] * len(bands))
    assert not all(one.fits for one in drawn)
