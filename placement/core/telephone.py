"""Telephone numbers: read as people write them, stored in E.164, shown as they are read out."""

import re

from placement.core.errors import Fault

_LEFT_OUT = re.compile(r"[\s\u00a0\-./()]")
_TRUNK_ZERO = re.compile(r"\(0\)")
_TRUNK_ZERO_AFTER_COUNTRY = re.compile(r"^\+310")
_INTERNATIONAL = re.compile(r"\+[1-9]\d*", re.ASCII)
_NETHERLANDS = "+31"
_DUTCH_DIGITS = 9
"""After the 0, or after the country code."""

_SERVICE = re.compile(r"(800|900|906|909)(\d{4}|\d{7})", re.ASCII)
"""0800 and similar: followed by four or seven digits."""

_FEWEST, _MOST = 8, 15
"""Digits of a number with its country code; at most 15 in E.164; the minimum is assumed."""

_MOBILE = re.compile(r"(6)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
_CITY = re.compile(r"(1[0358]|2[0346]|3[03-68]|4[03-6]|5[0358]|7\d|8[58])(\d{3})(\d\d)(\d\d)", re.ASCII)
"""Area codes of two digits after the 0 (numbering plan of the Netherlands); all others have three."""

_TOWN = re.compile(r"(\d{3})(\d\d)(\d\d)(\d\d)", re.ASCII)


class NotATelephone(ValueError):
    """The text is no telephone number. `code` names the words, `facts` fill them."""

    def __init__(self, code: str, **facts: int) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def read(written: str) -> str:
    """Returns the number in E.164, such as `+31301234567`, by default a Dutch number. Raises `NotATelephone`."""
    bare = _LEFT_OUT.sub("", _TRUNK_ZERO.sub("", written) if written.lstrip()[:1] in {"+", "0"} else written)
    if not re.fullmatch(r"\+?\d+", bare, re.ASCII):
        raise NotATelephone("telephone_characters")
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    elif bare.startswith("0"):
        bare = _NETHERLANDS + bare[1:]
    bare = _TRUNK_ZERO_AFTER_COUNTRY.sub(_NETHERLANDS, bare)
    if not _INTERNATIONAL.fullmatch(bare):
        raise NotATelephone("telephone_country")
    _require_length(bare)
    return bare


def shown(number: str) -> str:
    """Returns a number as it is read out: Dutch numbers with 0 and in groups, others in E.164."""
    if not number.startswith(_NETHERLANDS):
        return number
    national = number.removeprefix(_NETHERLANDS)
    for form in (_SERVICE, _MOBILE, _CITY, _TOWN):
        if found := form.fullmatch(national):
            return f"0{' '.join(found.groups())}"
    return number


def _require_length(number: str) -> None:
    national = number.removeprefix(_NETHERLANDS)
    if number.startswith(_NETHERLANDS) and not _SERVICE.fullmatch(national):
        if len(national) != _DUTCH_DIGITS:
            raise NotATelephone("telephone_dutch", found=len(national) + 1, expected=_DUTCH_DIGITS + 1)
    elif not _FEWEST <= len(number) - 1 <= _MOST:
        raise NotATelephone("telephone_length", found=len(number) - 1, least=_FEWEST, most=_MOST)


def numbered(field: str, written: str | None) -> tuple[str | None, list[Fault]]:
    """Returns the number in E.164 and its faults; `None` without faults for an empty text."""
    if not (written or "").strip():
        return None, []
    try:
        return read(str(written)), []
    except NotATelephone as wrong:
        return None, [Fault(field, wrong.code, wrong.facts)]
