"""Days as people type them: `1-2-2026`, `1 feb`, `morgen`, `vrijdag`; in each language of the service."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from babel import Locale

from placement.text.catalogue import Language, languages, translate

RELATIVE = ("today", "tomorrow", "day_after_tomorrow")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})(?:[-/. ](\d{4}|\d{2}))?")
_NAMED = re.compile(r"(\d{1,2})\s*(?:-\s*)?([^\W\d]+)\.?(?:\s*(?:-\s*)?(\d{4}|\d{2}))?")
_CENTURY = 2000
_LONG_YEAR = 100


def typed_day(written: str, today: date) -> str:
    """As ISO 8601 writes it; what is no day stays as it was typed. Without a year, the first one from today on."""
    text = " ".join(written.lower().split())
    if text in _words():
        return (today + timedelta(days=_words()[text])).isoformat()
    if text in _weekdays():
        return (today + timedelta(days=(_weekdays()[text] - today.weekday() - 1) % 7 + 1)).isoformat()
    if found := _NUMBERS.fullmatch(text):
        return _day(int(found[1]), int(found[2]), found[3], today) or written
    if (found := _NAMED.fullmatch(text)) and found[2] in _months():
        return _day(int(found[1]), _months()[found[2]], found[3], today) or written
    return written


def shown_day(iso: str) -> str:
    """A day in a field, as it is typed: `1-2-2026`; what is no day as it is."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day.day}-{day.month}-{day.year}"


def _day(day: int, month: int, year: str | None, today: date) -> str | None:
    years = [int(year) + (_CENTURY if int(year) < _LONG_YEAR else 0)] if year else range(today.year, today.year + 9)
    for one in years:
        try:
            found = date(one, month, day)
        except ValueError:  # 29 February, or no day at all
            continue
        if year or found >= today:
            return found.isoformat()
    return None


@cache
def _words() -> Mapping[str, int]:
    said = {translate("day", word, language): days for language in languages() for days, word in enumerate(RELATIVE)}
    return {words.lower(): days for words, days in said.items()}


@cache
def _months() -> Mapping[str, int]:
    return _named_in("months")


@cache
def _weekdays() -> Mapping[str, int]:
    return _named_in("days")


def _named_in(kind: str) -> Mapping[str, int]:
    """Long and short names, in every language of the service; a short one without its point."""
    found: dict[str, int] = {}
    for language in languages():
        for form in ("stand-alone", "format"):
            for width in ("wide", "abbreviated"):
                names = getattr(_locale(language), kind)[form].get(width, {})
                found |= {str(name).lower().rstrip("."): number for number, name in names.items()}
    return found


@cache
def _locale(language: Language) -> Locale:
    return Locale(language)
