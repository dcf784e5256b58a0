"""Every code that is shown has a label in both languages."""

import pytest

from placement.text.labels import KINDS, label


@pytest.mark.parametrize("kind", KINDS)
def test_every_label_code_has_texts_in_both_languages(kind):
    for code in KINDS[kind]:
        for language in ("nl", "en"):
            assert label(kind, code.value, language).strip()


def test_unknown_label_code_is_refused():
    with pytest.raises(ValueError, match="moon"):
        label("Region", "moon", "nl")


def test_code_in_two_lists_has_the_text_of_each():
    assert label("Specialism", "wheelchair", "en") == "wheelchair"
    assert label("RoomFeature", "wheelchair", "en") == "wheelchair accessible"
