"""Every page is in one language: no English text of a template on a Dutch page, nor the reverse."""

import re

import pytest
from babel.messages.pofile import read_po

from tests.support.browser.geometry import faults_of
from tests.support.browser.resources import DESK
from tests.support.paths import ROOT

CATALOG = ROOT / "placement" / "text" / "locale" / "nl.po"
LONG_ENOUGH = 12
"""Letters: a shorter one (`Land`, `Code`) may be a word of either language, or part of a name."""


@pytest.fixture(scope="module")
def sentences() -> dict[str, set[str]]:
    """Returns the sentences that exist in a single language, without placeholders."""
    with CATALOG.open("rb") as file:
        known = [
            one
            for one in read_po(file)
            if one.id and isinstance(one.id, str) and "%(" not in one.id and not one.context
        ]
    english, dutch = {one.id for one in known}, {str(one.string) for one in known}
    both = {"en": dutch - english, "nl": english - dutch}
    return {language: {one for one in found if len(one) >= LONG_ENOUGH} for language, found in both.items()}


@pytest.mark.wide
def test_dutch_page_has_no_english(looked, sentences):
    assert len(sentences["nl"]) > 200
    assert looked.language == "nl"
    assert looked.lines & sentences["nl"] == set()


@pytest.mark.long
def test_english_page_has_no_dutch_and_fits(shown, sentences):
    assert len(sentences["en"]) > 200
    page = shown(language="en").page
    assert page.locator("html").get_attribute("lang") == "en"
    assert {line.strip() for line in page.locator("body").inner_text().splitlines()} & sentences["en"] == set()
    assert faults_of(page) == []


@pytest.mark.wide
@pytest.mark.parametrize(
    ("language", "moment", "points"),
    [
        ("nl", r"(ma|di|wo|do|vr|za|zo) \d+ \w+ \d\d:\d\d", r"\b\d{1,3}\.\d{3}\b"),
        ("en", r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w+ \d\d:\d\d", r"\b\d{1,3},\d{3}\b"),
    ],
)
def test_moments_and_numbers_are_written_as_the_reader_does(language, moment, points, reader, things):
    main = reader(DESK, language=language).go(f"/proposals/{things['proposal']}").locator("main")
    main.evaluate("main => main.querySelectorAll('details').forEach(one => one.open = true)")
    text = main.inner_text()
    assert re.search(moment, text)
    assert re.search(points, text)
