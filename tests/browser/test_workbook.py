"""From a messy workbook to the first client in a bed, in a browser: every question is answered from a list."""

import re

import pytest

from tests.support.browser.beginning import goes
from tests.support.browser.journey import Way
from tests.support.browser.workbook_journey import PICTURES, CountedMouse, WorkbookJourney
from tests.support.paths import ROOT

MOST_CLICKS, MOST_KEYS = 60, 80
MOST_SECONDS = 20 * 60


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_messy_workbook_leads_to_the_first_bed(language, tmp_path, chromium, opened):
    hand, seen = CountedMouse(), []

    def look(reader, step):
        seen.append(step)
        page = reader.page
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], step

    readers = goes(chromium, tmp_path, Way(language, hand), look, opened, beginning=WorkbookJourney)
    assert [one.complaints for one in readers] == [[] for _ in readers]
    assert {*PICTURES} <= {*seen}
    assert hand.clicks <= MOST_CLICKS
    assert hand.typed <= MOST_KEYS
    assert hand.seconds <= MOST_SECONDS


def test_guide_shows_each_picture_of_the_workbook():
    shown = re.findall(r"pictures/workbook/([\w-]+)\.jpg", (ROOT / "docs/guide/exchange.md").read_text())
    assert shown == [*PICTURES.values()]
    assert {one.stem for one in (ROOT / "docs/pictures/workbook").iterdir()} == set(shown)
