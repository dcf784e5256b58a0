"""Parsers of settings. Each function parses a text from the environment. Raises `ValueError` for an invalid text."""

import re
from datetime import time, timedelta

from pydantic_core import PydanticUseDefault

MOST_HOURS = 24 * 366
MOST_SECONDS = 24 * 3600
_LAST_HOUR = 23
_NIGHT = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_CLOCK_CHANGES = 2
"""The hour of the day (2) that occurs twice or not at all on a day on which the clock changes."""


def unless_empty(written: str) -> str:
    if not written:
        raise PydanticUseDefault
    return written


def words(written: str) -> list[str]:
    return written.replace(",", " ").split()


def yes_or_no(written: str) -> bool:
    if written not in {"yes", "no"}:
        raise ValueError
    return written == "yes"


def count(written: str) -> int:
    if not (written.isascii() and written.isdecimal() and int(written) > 0):
        raise ValueError
    return int(written)


def seconds(written: str) -> float:
    found = float(written)
    if not 0 < found <= MOST_SECONDS:
        raise ValueError
    return found


def hours(written: str) -> timedelta:
    found = float(written)
    if not 0 < found <= MOST_HOURS:
        raise ValueError
    return timedelta(hours=found)


def night(written: str) -> tuple[int, int]:
    """Parses a text such as `22-6` into two hours: an hour of the evening at which the night begins, and an hour of the
    morning at which it ends.
    """
    found = _NIGHT.fullmatch(written.strip())
    begins, ends = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < ends < begins <= _LAST_HOUR:
        raise ValueError
    return begins, ends


def hours_of_duty(written: str) -> tuple[int, int]:
    """Parses a text such as `9-17` into two hours of a day. Both must be after the hour in which the clock changes."""
    found = _NIGHT.fullmatch(written.strip())
    begins, ends = (int(found[1]), int(found[2])) if found else (0, 0)
    if not _CLOCK_CHANGES < begins < ends <= _LAST_HOUR:
        raise ValueError
    return begins, ends


def ladder(written: str) -> tuple[timedelta, ...]:
    """Parses minutes such as `5 10 15` into periods. Each number must be larger than the number before it."""
    found = [count(one) for one in words(written)]
    if found != sorted(set(found)):
        raise ValueError
    return tuple(timedelta(minutes=one) for one in found)


def numbers(written: str) -> list[str]:
    """Parses telephone numbers with their countries, such as `+31301234567`."""
    found = words(written)
    if not all(_E164.fullmatch(one) for one in found):
        raise ValueError
    return found


def times(written: str) -> tuple[time, ...]:
    """Parses a text such as `06:00,16:00`. Rejects times from 02:00 to 03:00, which a change of the clock repeats or
    skips.
    """
    found = tuple(sorted({time.fromisoformat(one) for one in words(written)}))
    if not found or any(one.hour == _CLOCK_CHANGES or one.tzinfo or one.second for one in found):
        raise ValueError
    return found
