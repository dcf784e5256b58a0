"""Texts for results of the engine, in the language of the reader. The English sentences of the engine are ids in the
catalogue. The codes for the child of a minor (`placement/core/child_of_minor.py`) belong to this service, so the engine
has no texts for them.
"""

import re
from collections.abc import Mapping
from datetime import date

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
"""The codes of changes in a way out for which the engine has no text. The change `WAIVED` (a rule is set aside) has no
text of the engine either, but is not among them.
"""
_WITHOUT_WORDS = {Specialism.MEDICAL, Specialism.INTELLECTUAL_DISABILITY}
"""Codes of this service for which the engine has no texts."""
_A_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
PARTIES = ("client", "registrant", "coordinator", "shelter", "desk", "resident")


def say(rule: str, facts: Mapping[str, object], language: Language) -> str:
    return matching.say(rule, _with_words(facts, language), translations(language))


def say_change(change: Change, language: Language) -> str:
    spoken = msgspec.structs.replace(change, facts=_with_words(change.facts, language))
    return matching.say_change(spoken, translations(language))


def say_step(rule: str, what: str, facts: Mapping[str, object], language: Language) -> str:
    """Returns the text of a change in a way out. `what`: the changed thing. The engine has no texts for the changes in
    `BY_SERVICE` and for a waived rule; these texts are this service's own.
    """
    if what == WAIVED:
        return translate("way_out.waived", rule, language, **facts)
    if what in BY_SERVICE:
        return translate("way_out", what, language)
    return matching.say_change(Change(rule, what, "client", _with_words(facts, language)), translations(language))


def say_term(term: str, language: Language) -> str:
    return matching.say_term(term, translations(language))


def _with_words(facts: Mapping[str, object], language: Language) -> dict[str, object]:
    return {name: _in_words(_named(name, fact, language), language) for name, fact in facts.items()}


def _named(name: str, fact: object, language: Language) -> object:
    """Returns a fact in the form that pages show: names of languages, days in words, ages as a list, and texts for this
    service's needs.
    """
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


def _in_words(fact: object, language: Language) -> object:
    if isinstance(fact, (list, tuple)):
        return [_in_words(one, language) for one in fact]
    child = child_of_minor.named(fact)
    return translate("own_child", child.kind, language, age=child.age) if child else fact
