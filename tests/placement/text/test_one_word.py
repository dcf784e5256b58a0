"""One word for one thing: all texts that people read, and all documents, keep to `.ci/words.md`."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tests.support.catalogue_ids import messages

WORDS = Path(".ci/words.md")
HEADINGS_OF_SHEETS = {"sheet", "column", "value"}
"""What imported sheets may call a thing: every usual word, the first of which is written."""
ALLOWED = (
    "gevaarlijke plek",
    "politie-eenheid zaak",
    "toegangssleutel (passkey)",
    "log in",
    "log opnieuw in",
    "area of about 10 km",
)
LANGUAGES = ("nl", "en")


@cache
def rules(language: str) -> dict[str, str]:
    """Returns the words that the list forbids, each with the word that replaces it."""
    table = WORDS.read_text().split("## In English")[LANGUAGES.index(language)]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]
    return {other: word for _, word, others in rows[2:] for other in others.split(", ")}


@cache
def forbidden(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(map(re.escape, rules(language)))})\b", re.IGNORECASE)


def wrong_in(text: str, language: str) -> list[str]:
    plain = re.sub("|".join(map(re.escape, ALLOWED)), "", text, flags=re.IGNORECASE)
    return [f"{word}: {text}" for word in forbidden(language).findall(plain)]


def wrong_words(read: Iterable[Message], language: str = "nl") -> list[str]:
    found = []
    for message in read:
        written = [message.string] if isinstance(message.string, str) else message.string
        ids = [message.id] if isinstance(message.id, str) else message.id
        for text in written if language == "nl" or any(written) else ids:
            is_heading = message.context in HEADINGS_OF_SHEETS
            found += wrong_in(text.partition(" | ")[0] if is_heading else text, language)
    return found


def prose(document: Path) -> str:
    """Without what stands for a name: code, the target of a link."""
    return re.sub(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", "", document.read_text(), flags=re.DOTALL)


def test_each_thing_has_one_dutch_word():
    assert len(rules("nl")) > 20
    assert wrong_words(messages("nl").values()) == []


def test_each_thing_has_one_english_word():
    assert len(rules("en")) > 1
    assert wrong_words(messages("en").values(), "en") == []


@pytest.mark.parametrize("text", ["All areas", "A care area is missing"])
def test_second_english_word_for_a_thing_is_found(text):
    read = [Message(text, ""), Message("code", text, context="error"), Message("Only its area of about 10 km", "")]
    assert len(wrong_words(read, "en")) == 2


def test_guide_and_documents_have_one_word_for_each_thing():
    guide = sorted(Path("docs/guide").glob("*.md"))
    beside = [Path("README.md"), Path("CONTRIBUTING.md"), Path("SECURITY.md"), *sorted(Path("docs").glob("*.md"))]
    documents = [*guide, *beside, *sorted(Path("docs/decisions").glob("*.md"))]
    assert len(guide) > 20
    found = {str(one): wrong for one in documents if (wrong := [
        line.partition(":")[0] for part in prose(one).splitlines() for line in wrong_in(part, "en")
    ])}  # fmt: skip
    assert found == {}


def test_first_heading_of_a_sheet_alone_is_held_to_the_words():
    read = [Message("areas", text, context="sheet") for text in ("Gebieden | Regio's", "Regio's | Gebieden")]
    assert wrong_words(read) == ["Gebieden: Gebieden"]


@pytest.mark.parametrize("text", ["Bekijk de zaak", "Zoek een plek", "Je hebt dit gevraagd", "Zware zorg", "Toestaan"])
def test_second_word_for_a_thing_is_found(text):
    [found] = wrong_words([Message("a", text), Message("a danger", "Gevaarlijke plek")])
    assert found.endswith(text)
