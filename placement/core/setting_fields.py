"""The declaration of a setting: its variable, the reading of its text, and the message about a wrong value."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from placement.core import setting_texts as texts


def text(read: Callable[[str], object]) -> BeforeValidator:
    """Returns a validator that reads the text of the environment; a value of the program stays unchanged."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


# The words complete the message about a wrong value: the setting must ...
Count = Annotated[int, text(texts.count), "be a whole number above 0"]
Seconds = Annotated[float, text(texts.seconds), f"be a number of seconds above 0, at most {texts.MOST_SECONDS}"]


def variable(name: str, default: Any, needed_for: str, *, shown: str = "", secret: bool = False) -> Any:
    """Returns a setting of one environment variable. A function as default makes it from the settings before it.

    The docstring below it is its description. `shown`: the default in the table, if its value is not informative.
    """
    made = {"default_factory" if callable(default) else "default": default}
    return Field(
        **made, validation_alias=name, json_schema_extra={"needed for": needed_for, "shown": shown}, repr=not secret
    )
