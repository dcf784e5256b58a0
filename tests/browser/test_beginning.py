"""The guide to begin with, by clicks: from an empty database to the first client in a bed, and what follows."""

import re

import pytest

from tests.support.browser.beginning import goes
from tests.support.browser.beginning_pictures import PICTURES
from tests.support.browser.journey import ways
from tests.support.paths import ROOT


@pytest.mark.parametrize(
    ("language", "way"),
    [
        pytest.param("nl", "phone", marks=pytest.mark.wide),
        pytest.param("en", "mouse", marks=pytest.mark.long),
    ],
)
def test_beginning_by_clicks_ends_in_a_bed(language, way, tmp_path, chromium, opened):
    for one in goes(chromium, tmp_path, ways(language)[way], _fits, opened):
        assert one.page.locator("html").get_attribute("lang") == language
        assert one.outside() == []
        assert one.complaints == []


def _fits(one, step):
    one.page.wait_for_load_state("load")  # a page without its styles is wider
    wide = one.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= one.page.viewport_size["width"], step


def test_guide_shows_each_picture_of_the_beginning():
    shown = re.findall(r"pictures/beginning/([\w-]+)\.jpg", (ROOT / "docs/guide/begin.md").read_text())
    assert shown == [*PICTURES.values()]
    assert {one.stem for one in (ROOT / "docs/pictures/beginning").iterdir()} == set(shown)
