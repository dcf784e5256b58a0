"""Sentences that explain why a unit suits, and why a unit is not the first choice."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

from babel.dates import format_date
from babel.lists import format_list

from placement.core.codes import RoomFeature, Specialism
from placement.text.catalogue import Language, ntranslate, translate
from placement.text.languages import language_name

_KINDS = {"needs": Specialism, "features": RoomFeature}


def say_reason(code: str, facts: Mapping[str, object], language: Language) -> str:
    shown = {name: _in_words(name, fact, language) for name, fact in facts.items()}
    if code == "own_room":
        return ntranslate("why", code, cast("int", facts["rooms"]), language, **shown)
    return translate("why", code, language, **shown)


def say_not_first(code: str, facts: Mapping[str, object], language: Language) -> str:
    if code == "serve":
        return ntranslate("why_not_first", code, cast("int", facts["others"]), language, **facts)
    return translate("why_not_first", code, language, **facts)


def _in_words(name: str, fact: object, language: Language) -> object:
    if isinstance(fact, date):
        return format_date(fact, "d MMMM", locale=language)
    if name == "languages":
        return format_list([language_name(code, language) for code in cast("Iterable[str]", fact)], locale=language)
    if name in _KINDS:
        return format_list(
            [translate(_KINDS[name].__name__, code, language) for code in cast("Iterable[str]", fact)], locale=language
        )
    return fact
