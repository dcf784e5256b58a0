"""Every code that a person can meet has words in both languages."""

import pytest

from placement.text.labels import KINDS, label


@pytest.mark.parametrize("kind", KINDS)
def test_every_code_of_the_list_has_words_in_both_languages(kind):
    for code in KINDS[kind]:
        for language in ("nl", "en"):
            assert label(kind, code.value, language).strip()


def test_a_code_that_is_not_in_the_list_is_refused():
    with pytest.raises(ValueError, match="moon"):
        label("Region", "moon", "nl")


def test_the_same_code_in_two_lists_has_the_words_of_each():
    assert label("Specialism", "wheelchair", "en") == "wheelchair"
    assert label("RoomFeature", "wheelchair", "en") == "wheelchair accessible"
