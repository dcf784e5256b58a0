"""Parsing of days as people type them: `1-2-2026`, `01022027`, `1st of feb`, `vrijdag 4 december`. Names of months and
weekdays are accepted in all languages of the service. The day always comes before the month. If a text can mean two
days, both days are offered.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache

from babel import Locale

from placement.text.catalogue import Language, languages, translate

LEFT_OUT = "left_out"
"""The catalogue's list of meaningless words between day and month, separated by `|`."""
_NUMBERS = re.compile(r"(\d{1,2}) ?[-/. ] ?(\d{1,2})(?: ?[-/. ] ?(\d{4}|\d{2}))?")
_RUN_TOGETHER = re.compile(r"(\d\d)(\d\d)(\d{4}|\d\d)")
_NAMED = re.compile(r"(\d{1,2})(?: ?- ?| ?)([^\W\d]+)\.?(?:(?: ?- ?| )?(\d{4}|\d{2}))?")
_NAMED_FIRST = re.compile(r"([^\W\d]+)\.? (\d{1,2})(?: (\d{4}))?")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|ste|de|e)\b")
_CENTURY = 2000
_LONG_YEAR = 100
_WEEK = timedelta(days=7)
_ALIKE = 0.75
"""The least similarity (`difflib`) at which a misspelt word is replaced by a known word."""


class Typed(str):
    """A text that a user typed in a field for a day, but that is not a valid day."""

    __slots__ = ()


def typed_day(written: str, today: date) -> str:
    """Returns the typed day in ISO 8601. Without a year, returns the next day with this date, from today on. If the
    text is not a single day, returns the text as `Typed`.
    """
    found = _read(_simple(written), today)
    return found[0].isoformat() if len(found) == 1 else Typed(written)


def days_meant(written: str, today: date) -> list[date]:
    """Returns at most three days that an unclear text can mean."""
    text = _simple(written)
    found = _read(text, today) or _nearly(text, today) or _read(_spelt(text), today)
    return sorted(set(found))[:3]


def shown_day(iso: str) -> str:
    """Returns a day of ISO 8601 in the form that users type (`1-2-2026`). Returns any other text unchanged."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day.day}-{day.month}-{day.year}"


def day_with_name(day: date, language: Language) -> str:
    """Returns the day with its weekday (`vr 4-12-2026`), so that people can check it. People can type this form too."""
    name = str(_locale(language).days["format"]["abbreviated"][day.weekday()]).rstrip(".")
    return f"{name} {shown_day(day.isoformat())}"


def _simple(written: str) -> str:
    """Returns the text in lower case, without meaningless words, with `1` for `1st`."""
    text = _ORDINAL.sub(r"\1", " ".join(written.lower().replace(",", " ").split()))
    return " ".join(word for word in text.split(" ") if word not in _left_out())


def _read(text: str, today: date) -> list[date]:
    """Returns the days that the text can mean. If the weekday does not match the date, returns the date and the days of
    that weekday around it.
    """
    first, _, rest = text.partition(" ")
    weekday = _weekdays().get(first.rstrip("."))
    days = _calendar_day(text if weekday is None else rest, today)
    if weekday is None or not days or days[0].weekday() == weekday:
        return days
    before = days[0] - timedelta(days=(days[0].weekday() - weekday) % 7)
    return sorted({days[0], *(day for day in (before, before + _WEEK) if day >= today)})


def _calendar_day(text: str, today: date) -> list[date]:
    day: date | None = None
    if found := _NUMBERS.fullmatch(text) or _RUN_TOGETHER.fullmatch(text):
        day = _day(int(found[1]), int(found[2]), found[3], today)
    elif (found := _NAMED.fullmatch(text)) and found[2] in _months():
        day = _day(int(found[1]), _months()[found[2]], found[3], today)
    elif (found := _NAMED_FIRST.fullmatch(text)) and found[1] in _months():
        day = _day(int(found[2]), _months()[found[1]], found[3], today)
    return [] if day is None else [day]


def _nearly(text: str, today: date) -> list[date]:
    """Returns the likely day for an impossible date, or nothing. Swaps day and month if the month was typed first.
    Takes the last day of the month if the month has fewer days.
    """
    found = _NUMBERS.fullmatch(text) or _RUN_TOGETHER.fullmatch(text)
    if not found:
        return []
    one, other, year = int(found[1]), int(found[2]), found[3]
    shorter = [_day(last, other, year, today) for last in (30, 29, 28)] if one in {29, 30, 31} else []
    return [day for day in (_day(other, one, year, today), *shorter) if day][:1]


def _spelt(text: str) -> str:
    """Returns the text with each unknown word replaced by the most similar known name."""
    known = [*_weekdays(), *_months()]
    words = [(word, get_close_matches(word, known, 1, _ALIKE) if word.isalpha() else []) for word in text.split(" ")]
    return " ".join(like[0] if like else word for word, like in words)


def _day(day: int, month: int, year: str | None, today: date) -> date | None:
    years = [int(year) + (_CENTURY if int(year) < _LONG_YEAR else 0)] if year else range(today.year, today.year + 9)
    for one in years:
        try:
            found = date(one, month, day)
        except ValueError:  # 29 February, or no day at all
            continue
        if year or found >= today:
            return found
    return None


@cache
def _left_out() -> Collection[str]:
    return {word for language in languages() for word in translate("day", LEFT_OUT, language).lower().split("|")}


@cache
def _months() -> Mapping[str, int]:
    return _named_in("months")


@cache
def _weekdays() -> Mapping[str, int]:
    return _named_in("days")


def _named_in(kind: str) -> Mapping[str, int]:
    """Returns the numbers of months or weekdays by their full and short names in all languages. Short names have no
    final dot.
    """
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
