"""One word for one thing in Dutch: the table of the guide is kept in every sentence that a person reads."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tests.support.catalogue_ids import messages

GUIDE = Path("docs/guide/text.md")
HEADINGS_OF_SHEETS = {"sheet", "column", "value"}
"""What imported sheets may call a thing: every usual word."""
ALLOWED = ("gevaarlijke plek", "km van plek", "toegangssleutel (passkey)")


def rules() -> dict[str, str]:
    """The words of the guide that are not used, each with the one that is."""
    table = GUIDE.read_text().partition("## One word for one thing")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]
    return {other: word for _, word, others in rows[2:] for other in others.split(", ")}


def wrong_words(read: Iterable[Message]) -> list[str]:
    forbidden = re.compile(rf"\b({'|'.join(map(re.escape, rules()))})\b", re.IGNORECASE)
    found = []
    for message in read:
        if message.context in HEADINGS_OF_SHEETS:
            continue
        for text in [message.string] if isinstance(message.string, str) else message.string:
            plain = re.sub("|".join(map(re.escape, ALLOWED)), "", text, flags=re.IGNORECASE)
            found += [f"{word}: {text}" for word in forbidden.findall(plain)]
    return found


def test_each_thing_has_one_dutch_word():
    assert len(rules()) > 20
    assert wrong_words(messages("nl").values()) == []


@pytest.mark.parametrize("text", ["Bekijk de zaak", "Zoek een plek", "Je hebt dit gevraagd", "Zware zorg"])
def test_second_word_for_a_thing_is_found(text):
    [found] = wrong_words([Message("a", text), Message("a danger", "Gevaarlijke plek")])
    assert found.endswith(text)
