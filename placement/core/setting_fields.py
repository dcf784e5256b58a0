"""Declaration of settings: the variable, the parser of its text, and the message about an invalid value."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from placement.core import setting_texts as texts


def text(read: Callable[[str], object]) -> BeforeValidator:
    """Returns a validator that parses the text of an environment variable. Returns other values unchanged."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


# Each text completes the message about a wrong value: "the setting must ...".
Count = Annotated[int, text(texts.count), "be a whole number above 0"]
Seconds = Annotated[float, text(texts.seconds), f"be a number of seconds above 0, at most {texts.MOST_SECONDS}"]

Switch = Annotated[bool, text(texts.yes_or_no), "be yes or no"]
# Hosting companies write `postgres://`. In SQLAlchemy 2.1, `postgresql://` means psycopg 3.
DatabaseUrl = Annotated[str, text(lambda url: re.sub("^postgres://", "postgresql://", texts.unless_empty(url)))]

Address = Annotated[
    str,
    Field(pattern=r"^(https://|http://(localhost|127\.0\.0\.1|\[::1\]):|$)"),
    "begin with https:// (http:// on this machine alone)",
]


def variable(name: str, default: Any, needed_for: str, *, shown: str = "", secret: bool = False) -> Any:
    """Returns the declaration of a setting with one variable. If `default` is a function, the function computes the
    default value. The docstring below the setting is its description. `shown`: the default in the table of settings, if
    the value itself is not informative.
    """
    made = {"default_factory" if callable(default) else "default": default}
    return Field(
        **made, validation_alias=name, json_schema_extra={"needed for": needed_for, "shown": shown}, repr=not secret
    )
