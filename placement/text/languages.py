"""The names of the languages that people speak."""

from functools import cache

from babel import Locale

from placement.core.languages import NO_LANGUAGE
from placement.text.catalogue import SOURCE, Language, languages

__all__ = ["Language", "language_name", "spoken_code", "spoken_names"]


@cache
def spoken_names(language: Language) -> dict[str, str]:
    """Code by name, in this language (CLDR, by Babel); without those of regions and scripts, and without what names none."""
    names = Locale(language).languages
    return {str(name): str(code) for code, name in names.items() if "_" not in code and code not in NO_LANGUAGE}


def spoken_code(typed: str) -> str:
    """The code of a typed language: a name in a language of the service, or a code; else as it was typed.

    A name in the list has priority over a code: `Ga` is spoken in Ghana, `ga` is the code of Irish.
    """
    for language in languages():
        if typed in spoken_names(language):
            return spoken_names(language)[typed]
    codes = set(spoken_names(SOURCE).values())
    if typed in codes:
        return typed
    lowered = {name.lower(): code for language in languages() for name, code in spoken_names(language).items()}
    return lowered.get(typed.lower(), typed)


def language_name(code: str, language: Language) -> str:
    """The name of a spoken language in this language; the code where it has none."""
    return str(Locale(language).languages.get(code.replace("-", "_"), code))
