"""The codes of spoken languages (CLDR, by Babel), without codes for no language."""

from babel import Locale

NO_LANGUAGE = frozenset({"mis", "mul", "und", "zxx"})
"""Codes of ISO 639-2 that name no language: uncoded, several, unknown, no linguistic content."""
LANGUAGES = frozenset(str(code).lower().replace("_", "-") for code in Locale("en").languages) - NO_LANGUAGE
"""The language codes that exist, in lower case."""
