"""Days as people type them: `1-2-2026`, `01022027`, `1st of feb`, `morgen`, `volgende week vrijdag`, `in 3 days`.

The words of each language of the service are known in every one; the day is before the month, always. What could be
two days is not guessed: both are offered.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache

from babel import Locale

from placement.text.catalogue import Language, languages, translate

RELATIVE = ("today", "tomorrow", "day_after_tomorrow")
GRAMMAR = ("left_out", "in", "one", "days", "weeks", "months", "next", "coming", "this", "numbers")
"""Lists of words that mean the same, with `|` between them; of `numbers` each is one more, from 1."""
_NUMBERS = re.compile(r"(\d{1,2}) ?[-/. ] ?(\d{1,2})(?: ?[-/. ] ?(\d{4}|\d{2}))?")
_RUN_TOGETHER = re.compile(r"(\d\d)(\d\d)(\d{4}|\d\d)")
_NAMED = re.compile(r"(\d{1,2})(?: ?- ?| ?)([^\W\d]+)\.?(?:(?: ?- ?| )?(\d{4}|\d{2}))?")
_NAMED_FIRST = re.compile(r"([^\W\d]+)\.? (\d{1,2})(?: (\d{4}))?")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|ste|de|e)\b")
_LATER = re.compile(r"in (\d{1,3}) (days|weeks|months)")
_CENTURY = 2000
_LONG_YEAR = 100
_WEEK = timedelta(days=7)
_ALIKE = 0.75
"""How alike a misspelt word is to a known one, by `difflib`."""


class Typed(str):
    """What was typed as a day and is none."""

    __slots__ = ()


def typed_day(written: str, today: date) -> str:
    """As ISO 8601 writes it; what is no day stays as it was typed. Without a year, the first one from today on."""
    found = _read(_simple(written), today)
    return found[0].isoformat() if len(found) == 1 else Typed(written)


def days_meant(written: str, today: date) -> list[date]:
    """The days that may be meant by what is no day, or two: at most three."""
    text = _simple(written)
    found = _read(text, today) or _nearly(text, today) or _read(_spelt(text), today)
    return sorted(set(found))[:3]


def shown_day(iso: str) -> str:
    """A day in a field, as it is typed: `1-2-2026`; what is no day as it is."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day.day}-{day.month}-{day.year}"


def day_with_name(day: date, language: Language) -> str:
    """As it can be typed, and is checked by its reader: `vr 4-12-2026`."""
    name = str(_locale(language).days["format"]["abbreviated"][day.weekday()]).rstrip(".")
    return f"{name} {shown_day(day.isoformat())}"


def _simple(written: str) -> str:
    """Small letters, numbers for ordinals, one word for those that mean the same, and none that means nothing."""
    text = _ORDINAL.sub(r"\1", " ".join(written.lower().replace(",", " ").split()))
    words = [_meanings().get(word, word) for word in text.split(" ")]
    return " ".join(word for word in words if word != "left_out")


def _read(text: str, today: date) -> list[date]:
    """The days that it can be: one where it is clear, none where it is no day."""
    if text in _words():
        return [today + timedelta(days=_words()[text])]
    if found := _LATER.fullmatch(text):
        return [_later(today, int(found[1]), found[2])]
    if days := _calendar_day(text, today):
        return days
    first, _, rest = text.partition(" ")
    if first.rstrip(".") in _weekdays():
        weekday = _weekdays()[first.rstrip(".")]
        return _on_weekday(weekday, rest, today) if rest else [_first_after(weekday, today)]
    before, _, last = text.rpartition(" ")
    if last.rstrip(".") in _weekdays():
        return _on_weekday(_weekdays()[last.rstrip(".")], before, today)
    return []


def _on_weekday(weekday: int, which: str, today: date) -> list[date]:
    """A named day of the week that is said to be the next, that of next week, or that of a date."""
    soonest, monday = _first_after(weekday, today), today - timedelta(days=today.weekday())
    of_next_week = monday + _WEEK + timedelta(days=weekday)
    said = {
        "coming": {soonest},
        "this coming": {soonest},
        "this": {soonest, today} if weekday == today.weekday() else {soonest},
        "next": {soonest, of_next_week},
        "next weeks": {of_next_week},
    }
    if which in said:
        return sorted(said[which])
    if (found := _LATER.fullmatch(which)) and found[2] == "weeks":
        later = int(found[1]) * _WEEK
        return sorted({soonest + later, monday + later + timedelta(days=weekday)})
    days = _calendar_day(which, today)
    if days and days[0].weekday() != weekday:
        before = days[0] - timedelta(days=(days[0].weekday() - weekday) % 7)
        return sorted({days[0], *(one for one in (before, before + _WEEK) if one >= today)})
    return days


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
    """Of figures that are no day: with the month first, or the last day of a month that is shorter."""
    found = _NUMBERS.fullmatch(text) or _RUN_TOGETHER.fullmatch(text)
    if not found:
        return []
    one, other, year = int(found[1]), int(found[2]), found[3]
    shorter = [_day(last, other, year, today) for last in (30, 29, 28)] if one in {29, 30, 31} else []
    return [day for day in (_day(other, one, year, today), *shorter) if day][:1]


def _spelt(text: str) -> str:
    """With the nearest known word in place of each that is not known."""
    known = [*_weekdays(), *_months(), *_words(), *_meanings()]
    words = []
    for word in text.split(" "):
        like = get_close_matches(word, known, 1, _ALIKE) if word.isalpha() and word not in GRAMMAR else []
        words.append(_meanings().get(like[0], like[0]) if like else word)
    return " ".join(words)


def _later(today: date, number: int, unit: str) -> date:
    """A month that has no such day ends earlier."""
    if unit != "months":
        return today + number * (_WEEK if unit == "weeks" else timedelta(days=1))
    years, month = divmod(today.month - 1 + number, 12)
    year, month = today.year + years, month + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _first_after(weekday: int, today: date) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


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
def _words() -> Mapping[str, int]:
    said = {translate("day", word, language): days for language in languages() for days, word in enumerate(RELATIVE)}
    return {_simple(words): days for words, days in said.items()}


@cache
def _meanings() -> Mapping[str, str]:
    """By each word of the grammar what it means: a code of it, or a number."""
    found: dict[str, str] = {}
    for language in languages():
        for code in GRAMMAR:
            words = translate("day", code, language).lower().split("|")
            found |= {
                word: str(at) if code == "numbers" else "1" if code == "one" else code
                for at, word in enumerate(words, start=1)
            }
    return found


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
