"""How a setting is declared: its variable, how its text is read, and what a wrong one is told."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from placement.core import setting_texts as texts


def text(read: Callable[[str], object]) -> BeforeValidator:
    """Reads what the environment says; a value of the program stays as it is."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


# The words say what such a setting must do, in the message when it does not.
Count = Annotated[int, text(texts.count), "be a whole number above 0"]
Seconds = Annotated[float, text(texts.seconds), f"be a number of seconds above 0, at most {texts.MOST_SECONDS}"]


def variable(name: str, default: Any, needed_for: str, *, shown: str = "", secret: bool = False) -> Any:
    """A setting of one environment variable. A function as default makes it from the settings before it.

    Its docstring is its description. `shown`: the default in the table, where its value says less.
    """
    made = {"default_factory" if callable(default) else "default": default}
    return Field(
        **made, validation_alias=name, json_schema_extra={"needed for": needed_for, "shown": shown}, repr=not secret
    )
