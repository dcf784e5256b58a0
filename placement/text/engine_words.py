"""What the engine returns, in the reader's language: its English sentences are ids in the catalogue.

The needs that stand for the child of a minor (`placement/core/child_of_minor.py`) are codes of this service, which the engine
has no words for.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from babel.dates import format_date
from babel.lists import format_list

import matching
from matching import Change
from placement.core import child_of_minor
from placement.core.codes import Specialism
from placement.text.catalogue import Language, translate, translations
from placement.text.languages import language_name

WAIVED = "waived"
FIRST_COUNT = "first_count"
BY_SERVICE = ("resident_moved", "third_room", "split", FIRST_COUNT)
"""Changes of a way out that no rule offers by itself, and that a rule is waived; and who can have to agree to one."""
_WITHOUT_WORDS = {Specialism.MEDICAL, Specialism.INTELLECTUAL_DISABILITY}
"""Codes of the service that the engine has no words for."""
_A_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
PARTIES = ("client", "registrant", "coordinator", "shelter", "desk", "resident")


def say(rule: str, facts: Mapping[str, Any], language: Language) -> str:
    return matching.say(rule, _with_words(facts, language), translations(language))


def say_change(change: Change, language: Language) -> str:
    spoken = msgspec.structs.replace(change, facts=_with_words(change.facts, language))
    return matching.say_change(spoken, translations(language))


def say_step(rule: str, what: str, facts: Mapping[str, Any], language: Language) -> str:
    """One change of a way out. The engine has words for those that a rule offers; the others are of the service."""
    if what == WAIVED:
        return translate("way_out.waived", rule, language, **facts)
    if what in BY_SERVICE:
        return translate("way_out", what, language)
    return matching.say_change(Change(rule, what, "client", _with_words(facts, language)), translations(language))


def say_term(term: str, language: Language) -> str:
    return matching.say_term(term, translations(language))


def _with_words(facts: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {name: _in_words(_named(name, fact, language), language) for name, fact in facts.items()}


def _named(name: str, fact: Any, language: Language) -> Any:
    """Languages by their names, days as on pages, ages in a row, and the needs that the engine knows as codes alone."""
    if name == "ages" and isinstance(fact, (list, tuple)):
        return format_list([str(age) for age in fact], locale=language)
    if isinstance(fact, (list, tuple)):
        return [_named(name, one, language) for one in fact]
    if isinstance(fact, str) and _A_DAY.match(fact):
        return format_date(date.fromisoformat(fact), "d MMM y", locale=language)
    if name in {"language", "languages"} and isinstance(fact, str):
        return language_name(fact, language)
    if name in {"need", "missing"} and fact in _WITHOUT_WORDS:
        return translate("Specialism", fact, language)
    return fact


def _in_words(fact: Any, language: Language) -> Any:
    if isinstance(fact, (list, tuple)):
        return [_in_words(one, language) for one in fact]
    child = child_of_minor.named(fact)
    return translate("own_child", child.kind, language, age=child.age) if child else fact
