"""What the engine returns, in the reader's language: its English sentences are ids in the catalogue."""

from collections.abc import Mapping
from typing import Any

import matching
from matching import Change
from placement.text.catalogue import Language, translations


def say(rule: str, facts: Mapping[str, Any], language: Language) -> str:
    return matching.say(rule, facts, translations(language))


def say_change(change: Change, language: Language) -> str:
    return matching.say_change(change, translations(language))


def say_term(term: str, language: Language) -> str:
    return matching.say_term(term, translations(language))
