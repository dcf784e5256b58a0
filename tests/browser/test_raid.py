"""A raid of 40 persons and an evacuation at a browser: the keys and seconds of the desk, and the pictures."""

import re

import pytest

from tests.support.browser.raid import Clerk, evacuation, hotel_answers, raid
from tests.support.browser.raid_troubles import troubles
from tests.support.paths import ROOT
from tests.support.stores import one_store

pytestmark = [pytest.mark.wide, one_store]
GUIDE = (ROOT / "docs/guide/events.md").read_text()
TROUBLES = ["10-engine-away", "11-second-person", "12-silent-house"]
MOST_SECONDS = 15 * 60


def nowhere(page, name):
    """Takes no picture."""


def test_raid_of_forty_is_typed_planned_and_asked(life):
    hand = Clerk()
    raid(life, hand, nowhere, pasted=False)
    assert hand.pressed <= 900
    assert hand.seconds <= MOST_SECONDS
    assert hand.line("the raid, typed") in GUIDE


def test_troubles_of_an_event_place_each_client_once(life):
    steps = []
    troubles(life, lambda _page, name: steps.append(name))
    assert steps == TROUBLES


def test_raid_and_evacuation_have_figures_and_pictures(life):
    steps = []

    def look(_page, name):
        steps.append(name)

    first, answer, left = Clerk(), Clerk(), Clerk()
    hotel_answers(life, raid(life, first, look, pasted=True), answer, look)
    evacuation(life, left, look)
    assert first.pressed <= 120
    assert first.seconds + answer.seconds <= MOST_SECONDS
    lines = [first.line("the raid, pasted"), answer.line("one call to the hotel"), left.line("the evacuation")]
    assert [one for one in lines if one not in GUIDE] == []
    shown = re.findall(r"pictures/events/([\w-]+)\.jpg", GUIDE)
    assert [*steps, *TROUBLES] == sorted(shown)
    assert {one.stem for one in (ROOT / "docs/pictures/events").iterdir()} == set(shown)
