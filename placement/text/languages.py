"""The names of the languages that people speak."""

from functools import cache

from babel import Locale, UnknownLocaleError

from placement.core.languages import NO_LANGUAGE
from placement.text.catalogue import SOURCE, Language, languages

__all__ = ["Language", "language_name", "own_name", "spoken_code", "spoken_names"]


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
    return lowered.get(typed.lower(), _by_own_name().get(typed.lower(), typed))


@cache
def own_name(code: str, known_as: str = "") -> str:
    """What a language is called in itself, as far as CLDR has it; empty where it is called so here too."""
    try:
        name = str(Locale.parse(code.replace("-", "_")).languages.get(code, ""))
    except (UnknownLocaleError, ValueError):
        return ""
    return "" if name.lower() in {known_as.lower(), code} else name


@cache
def _by_own_name() -> dict[str, str]:
    codes = spoken_names(SOURCE).values()
    return {own_name(code).lower(): code for code in codes if own_name(code)}


def language_name(code: str, language: Language) -> str:
    """The name of a spoken language in this language; the code where it has none."""
    return str(Locale(language).languages.get(code.replace("-", "_"), code))
