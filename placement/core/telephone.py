"""Telephone numbers. They are read and shown in the usual notation, stored in E.164, and dialled by a link. The library
`phonenumbers` knows the numbers of every country. For an improbable number, the user is asked whether it is right. Such
a number is never refused, because numbering plans change and the library's list may be outdated.
"""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from placement.core.errors import Fault

DOUBTS = frozenset({"telephone_country", "telephone_dutch", "telephone_improbable"})
"""The codes of the questions about a number. The person who typed the number can confirm that it is right."""

_HERE, _CARIBBEAN, _COUNTRY_CODE = "NL", "BQ", 31
_WRITTEN = re.compile(r"\+?[\d\s\u00a0\-./()]+", re.ASCII)
_NO_DIGIT, _COUNTRY = re.compile(r"[^\d+]"), re.compile(r"\+[1-9]")
_MOST = 15
"""The largest number of digits of a number with its country code (E.164)."""
_DUTCH_DIGITS = 9
"""The number of digits of a Dutch number after the 0. Service numbers have other lengths."""
_SHORT = 6
"""The largest number of digits of a short Dutch number, such as 112 and 14 020, that is dialled without 0 and without
country code.
"""


class NotATelephone(ValueError):
    """An error: the text is not a telephone number. `code` selects the error text. `facts`: the values in this text."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True, slots=True)
class Reading:
    """A number in E.164. `doubt`: the code of a question about an improbable number. `facts`: the values in the
    question.
    """

    number: str
    doubt: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


def read(written: str) -> Reading:
    """Returns the number in a text; without a country code, a Dutch number. Raises `NotATelephone` for other texts."""
    bare = written.strip()
    if not _WRITTEN.fullmatch(bare):
        raise NotATelephone("telephone_characters")
    digits = _NO_DIGIT.sub("", bare)
    try:
        found = phonenumbers.parse(bare, _HERE)
    except NumberParseException as wrong:
        if wrong.error_type == NumberParseException.TOO_LONG:
            raise NotATelephone("telephone_length", most=_MOST) from wrong
        if wrong.error_type != NumberParseException.INVALID_COUNTRY_CODE or not _COUNTRY.match(digits):
            raise NotATelephone("telephone_characters") from wrong
        return Reading(digits, "telephone_improbable")
    number = _e164(found)
    if len(number) - 1 > _MOST:
        raise NotATelephone("telephone_length", most=_MOST)
    length = len(phonenumbers.national_significant_number(found).lstrip("0"))  # a number that is too short keeps its 0
    if not digits.startswith(("+", "0")) and length > _SHORT:
        meant = _meant(digits)
        facts = {"allowed": [_written(one) for one in meant]}
        return Reading(_e164(meant[0]) if meant else number, "telephone_country", facts)
    if phonenumbers.is_valid_number(found):
        return Reading(number)
    if found.country_code == _COUNTRY_CODE and length != _DUTCH_DIGITS:
        typed = length + digits.startswith(("0", "+"))
        return Reading(number, "telephone_dutch", {"found": typed, "expected": _DUTCH_DIGITS + 1})
    return Reading(number, "telephone_improbable")


def _meant(digits: str) -> list[PhoneNumber]:
    """Returns the valid numbers that these digits, without leading 0 and +, can mean: in the Netherlands, in the
    Caribbean Netherlands, or in another country.
    """
    offered = {}
    for written, region in ((digits, _HERE), (digits, _CARIBBEAN), (f"+{digits}", None)):
        with suppress(NumberParseException):
            found = phonenumbers.parse(written, region)
            if phonenumbers.is_valid_number(found):
                offered[_e164(found)] = found
    return list(offered.values())


def read_figure(digits: str) -> str | None:
    """Returns the number that these digits, without leading 0 and +, mean. Returns `None` if they mean no number or
    several numbers.
    """
    meant = _meant(digits)
    return _e164(meant[0]) if len(meant) == 1 else None


def shown(number: str) -> str:
    """Returns a number in the usual notation: a Dutch number with its first 0, others with their country code."""
    try:
        return _written(phonenumbers.parse(number))
    except NumberParseException:
        return number


def dialled(number: str) -> str:
    """Returns the address of a link that dials a number. A short Dutch number is dialled without country code."""
    short = number.removeprefix(f"+{_COUNTRY_CODE}")
    return f"tel:{short if len(short) <= _SHORT else number}"


def _e164(found: PhoneNumber) -> str:
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def _written(found: PhoneNumber) -> str:
    national = phonenumbers.national_significant_number(found)
    if found.country_code != _COUNTRY_CODE:
        return phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL)
    if len(national) <= _SHORT or (phonenumbers.is_valid_number(found) and len(national) != _DUTCH_DIGITS):
        return phonenumbers.format_number(found, PhoneNumberFormat.NATIONAL)
    area = phonenumbers.length_of_national_destination_code(found)
    if not area:
        return f"0{national}"
    rest = national[area:]
    first = len(rest) % 2 and 3
    return " ".join([f"0{national[:area]}", *filter(None, [rest[:first]]), *re.findall("..", rest[first:])])


def numbered(name: str, written: str | None, sure_of: Collection[str] = ()) -> tuple[str | None, list[Fault]]:
    """Returns the number in E.164 and its faults. For an empty text, returns `None` without faults. `sure_of`:
    improbable numbers that are right, as typed or in E.164, such as the stored number.
    """
    if not (written or "").strip():
        return None, []
    try:
        found = read(str(written))
    except NotATelephone as wrong:
        return None, [Fault(name, wrong.code, wrong.facts)]
    if found.doubt is None or {str(written).strip(), found.number} & {one.strip() for one in sure_of}:
        return found.number, []
    return None, [Fault(name, found.doubt, {**found.facts, "written": str(written).strip()})]
