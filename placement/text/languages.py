"""The languages of the service, and the names of the languages that people speak."""

from functools import cache
from typing import Literal

from babel import Locale

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")


@cache
def spoken_names(language: Language) -> dict[str, str]:
    """Code by name, in this language (CLDR, by Babel); without those of regions and scripts."""
    names = Locale(language).languages
    return {str(name): str(code) for code, name in names.items() if "_" not in code}


def spoken_code(typed: str) -> str:
    """The code of a typed language: a name in a language of the service, or a code; else as it was typed.

    A name in the list has priority over a code: `Ga` is spoken in Ghana, `ga` is the code of Irish.
    """
    for language in LANGUAGES:
        if typed in spoken_names(language):
            return spoken_names(language)[typed]
    codes = set(spoken_names("en").values())
    if typed in codes:
        return typed
    lowered = {name.lower(): code for language in LANGUAGES for name, code in spoken_names(language).items()}
    return lowered.get(typed.lower(), typed)
