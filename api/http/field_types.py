"""Field types that several resources share."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticUndefined

from placement.core.ids import CASE_PATTERN, CODE_PATTERN

AnyModel = TypeVar("AnyModel", bound=BaseModel)


class Coded(ValueError):
    """An error that a validator of an input model raises. `found`: the wrong value, for the text of the error."""

    def __init__(self, code: str, **found: object) -> None:
        super().__init__(code)
        self.found = found


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_MOMENT = re.compile(_DAY.pattern + r"[Tt ]\d\d:\d\d.*", re.ASCII)


def _written_as_day(value: object) -> object:
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise Coded("not_a_day")
    return value


def _written_as_moment(value: object) -> object:
    if not (isinstance(value, str) and _MOMENT.fullmatch(value)):
        raise Coded("not_a_moment")
    return value


def _in_this_century(value: date) -> object:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise Coded("not_this_century")
    return value


# pydantic also accepts a number, or digits, as seconds since 1970; here only written days are valid. A day outside this
# century is a typing error, and date arithmetic must not overflow.
Day = Annotated[date, BeforeValidator(_written_as_day), AfterValidator(_in_this_century), Field(strict=False)]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_written_as_moment), AfterValidator(_in_this_century), Field(strict=False)
]

HAPPENED = (
    "When it really happened, where it is entered afterwards: not in the future, at most 14 days back. Null: now."
)
"""The description of the field `happened_at`."""

Code = Annotated[str, Field(min_length=1, max_length=50, pattern=CODE_PATTERN)]
"""An id or a code: printable ASCII without spaces."""

CaseSaid = Annotated[str, Field(min_length=1, max_length=50, pattern=CASE_PATTERN)]
"""A case: its reference, or the two words of its handle."""

LEFT_OUT: Any = None
"""The default of a field that may be left out but must not be null."""

REQUIRED: object = PydanticUndefined
"""The default of a field that is required."""


def with_default(default: object, *names: str) -> Callable[[type[AnyModel]], type[AnyModel]]:
    """Returns a class decorator that sets the default of these fields (or of all): `LEFT_OUT` or `REQUIRED`."""

    def derive(model: type[AnyModel]) -> type[AnyModel]:
        for name in names or model.model_fields:
            field = model.model_fields[name]
            field.default, field.default_factory = default, None
        model.model_rebuild(force=True)
        return model

    return derive
