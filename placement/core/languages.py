"""Codes of spoken languages (CLDR, from Babel), without the codes that stand for no language."""

from babel import Locale

NO_LANGUAGE = frozenset({"mis", "mul", "und", "zxx"})
"""ISO 639-2 codes that stand for no language: uncoded, multiple, undetermined, no linguistic content."""
LANGUAGES = frozenset(str(code).lower().replace("_", "-") for code in Locale("en").languages) - NO_LANGUAGE
"""All valid language codes, in lower case."""
