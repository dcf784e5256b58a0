"""Names that a person can tell apart: on one line, of characters that every page and file can show."""

from unicodedata import bidirectional, category

from placement.core.errors import Invalid

_NOT_SHOWN = {"Cc", "Cs", "Zl", "Zp"}
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""What writes the letters after it in another direction, in whatever stands beside the name too."""
_LEFT_OUT = str.maketrans("", "", "\xad\u200b\u200e\u200f\u2060\ufeff")
"""Invisible, as pasted text has it: soft hyphen, zero-width space, marks of direction. Two names would look alike."""


def plain_name(written: str, field: str = "name") -> str:
    """The name with single spaces, without what is invisible.

    Raises `Invalid` where nothing is to be seen, or a character cannot be shown.
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
