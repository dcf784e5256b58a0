"""The names of spoken languages."""

from functools import cache

from babel import Locale, UnknownLocaleError

from placement.core.languages import NO_LANGUAGE
from placement.text.catalogue import SOURCE, Language, languages

__all__ = ["Language", "language_name", "own_name", "spoken_code", "spoken_names"]


@cache
def spoken_names(language: Language) -> dict[str, str]:
    """Returns the codes of languages by name (CLDR, from Babel). Variants by region or script, and *unknown*, are left
    out.
    """
    names = Locale(language).languages
    return {str(name): str(code) for code, name in names.items() if "_" not in code and code not in NO_LANGUAGE}


def spoken_code(typed: str) -> str:
    """Returns the code of a language that a user typed: as a name in any language of the service, or as a code. Returns
    any other text unchanged. A name has priority over a code: `Ga` is a language of Ghana, and `ga` is the code of
    Irish.
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
    """Returns the name of a language in that language (CLDR). Returns an empty text if the name equals `known_as`, or
    if CLDR has no name.
    """
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
    """Returns the name of a spoken language in `language`. Returns the code if CLDR has no name."""
    return str(Locale(language).languages.get(code.replace("-", "_"), code))
