"""The closed lists of areas and municipalities; all others: `codes.py`."""

from collections.abc import Container
from enum import StrEnum


class PlaceKind(StrEnum):
    """The kinds of places that are data (`placement/areas/`)."""

    AREA = "area"  # of a care coordinator
    MUNICIPALITY = "municipality"
    REGISTRANT_UNIT = "registrant_unit"  # a police unit, a district of the Marechaussee, ...


class SchemesOfArea(StrEnum):
    """Which schemes hold in an area."""

    HERE = "here"  # those of this service, by the rules of entitlement
    OWN = "own"  # the area's own: this service does not place in them
    NONE = "none"
    UNKNOWN = "unknown"  # not found: nothing is open until the desk has said


_DIGITS = 4


def published_code(code: str, known: Container[str]) -> str:
    """The code of a municipality as it is published, with four digits: a spreadsheet takes the zeros before it away.

    `known`: the codes that there are. One that is known without its zeros alone stays so: regions name it.
    """
    whole = code.zfill(_DIGITS) if code.isascii() and code.isdecimal() else code
    return code if code in known and whole not in known else whole
