"""Validation of names. A valid name fits on a line and contains only characters that every page and file can show."""

from unicodedata import bidirectional, category

from placement.core.errors import Invalid

_NOT_SHOWN = {"Cc", "Cs", "Zl", "Zp"}
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Characters that change the direction of writing. They affect the text after the name too."""
_LEFT_OUT = str.maketrans("", "", "\xad\u200b\u200e\u200f\u2060\ufeff")
"""Invisible characters in pasted text: soft hyphen, zero-width space, direction marks. With them, different names can
look equal.
"""


def plain_name(written: str, field: str = "name") -> str:
    """Returns the name with single spaces and without invisible characters. Raises `Invalid` if nothing visible is
    left, or if a character cannot be shown.
    """
    name = " ".join(written.translate(_LEFT_OUT).split())
    if not any(category(letter)[0] in "LNSP" for letter in name):
        raise Invalid.at(field, "name_missing")
    if not all(map(_is_shown, name)):
        raise Invalid.at(field, "text_not_plain")
    return name


def _is_shown(letter: str) -> bool:
    is_none = ord(letter) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(letter) <= 0xFDEF  # noqa: PLR2004  (of Unicode)
    return not (is_none or category(letter) in _NOT_SHOWN or bidirectional(letter) in _TURNS)
