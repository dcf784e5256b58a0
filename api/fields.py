"""Types of fields that several resources have alike."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field


class Coded(ValueError):
    """Raised by an input model: its text is a code of `placement/words.py`."""


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(_DAY.pattern + r"[Tt ]\d\d:\d\d.*", re.ASCII)


def _written_as_day(value: Any) -> Any:
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise Coded("not_a_day")
    return value


def _written_as_moment(value: Any) -> Any:
    if not (isinstance(value, str) and _MOMENT.fullmatch(value)):
        raise Coded("not_a_moment")
    return value


# pydantic also reads a number, or a text of digits, as seconds since 1970: a day is written as a day. What lies
# outside this century is a slip of the keyboard, and no sum with days may run out of the calendar.
Day = Annotated[date, BeforeValidator(_written_as_day), Field(strict=False, ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_written_as_moment),
    Field(strict=False, ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2099, 12, 31, tzinfo=UTC)),
]

CODE_PATTERN = "^[!-~]+$"
Code = Annotated[str, Field(min_length=1, max_length=50, pattern=CODE_PATTERN)]
"""An id or a code: printable ASCII without spaces. (PostgreSQL cannot even look for a text with NUL in it.)"""

LEFT_OUT: Any = None
"""The default of a field that may be left out and may not be null."""
