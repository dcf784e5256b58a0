"""The codes of spoken languages (CLDR, by Babel), and those that name no language."""

from babel import Locale

NO_LANGUAGE = frozenset({"mis", "mul", "und", "zxx"})
"""Codes of ISO 639-2 that say which language it is not: uncoded, several, not known, none. Nobody interprets them."""
LANGUAGES = frozenset(str(code).lower().replace("_", "-") for code in Locale("en").languages) - NO_LANGUAGE
"""The language codes that exist, in lower case."""
