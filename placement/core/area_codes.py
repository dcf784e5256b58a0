"""Codes of areas and municipalities. All other closed lists are in `codes.py`."""

from collections.abc import Container
from enum import StrEnum


class PlaceKind(StrEnum):
    """The kinds of places that are stored as data (`placement/areas/`)."""

    AREA = "area"  # the region of a care coordinator
    MUNICIPALITY = "municipality"
    REGISTRANT_UNIT = "registrant_unit"  # a police unit, a district of the Marechaussee, ...


class SchemesOfArea(StrEnum):
    """The schemes of an area: the schemes of this service, the area's own schemes, or no schemes."""

    HERE = "here"  # this service places in the schemes, by the rules of entitlement
    OWN = "own"  # the area has its own schemes, in which this service does not place
    NONE = "none"
    UNKNOWN = "unknown"  # no list was found: no scheme is open until the desk has decided


_DIGITS = 4


def published_code(code: str, known: Container[str]) -> str:
    """Returns a municipality's code in its published form of four digits, because spreadsheets drop leading zeros.
    `known`: the existing codes. If only the short form of a code is in `known`, the short form is returned.
    """
    whole = code.zfill(_DIGITS) if code.isascii() and code.isdecimal() else code
    return code if code in known and whole not in known else whole
