"""The Dutch guides for users name buttons, headings and states by the words on the pages."""

import re

import pytest
from babel.messages.pofile import read_po

from placement.text.catalogue import FOLDER
from tests.support.paths import ROOT

GUIDES = sorted((ROOT / "docs" / "nl").glob("*.md"))
NAMED = re.compile(r"(?<!\*)\*([^*\n]+)\*(?!\*)")


@pytest.fixture(scope="module")
def texts():
    with (FOLDER / "nl.po").open("rb") as file:
        return {message.string for message in read_po(file) if isinstance(message.string, str)}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_names_in_a_dutch_guide_are_words_of_the_pages(guide, texts):
    named = set(NAMED.findall(guide.read_text())) - {"Cursief"}
    assert len(named) > 6
    assert sorted(named - texts) == []
