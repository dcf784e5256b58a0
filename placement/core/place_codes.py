"""Closed lists of the register of shelters. All other closed lists are in `codes.py`."""

from datetime import timedelta
from enum import StrEnum
from typing import Self

LEAVES_BEFORE = timedelta(days=7)
"""The number of days before the last day of a place from which another place is sought for each of its clients."""
NEVER_REPORTED = "never_reported"
"""A reason that the service adds to those of the engine: the unit was never counted, so free beds are unknown."""


class PlaceStatus(StrEnum):
    """The status of a shelter, location, unit or room."""

    PLANNED = "planned"  # opens on a future day
    OPEN = "open"
    CLOSING = "closing"  # accepts nobody new from a certain day; its residents must have moved out by another day
    CLOSED = "closed"


class RoomRange(StrEnum):
    """How beds are counted if a row of an imported file describes several rooms."""

    ONE_ROOM = "one_room"
    BEDS_EACH = "beds_each"  # a room of each name, each with the beds of the row
    BEDS_TOGETHER = "beds_together"  # a room of each name, among which the beds of the row are divided


class RegisterKind(StrEnum):
    """The kinds of objects in the register of shelters."""

    PROVIDER = "provider"
    SHELTER = "shelter"
    LOCATION = "location"
    UNIT = "unit"
    ROOM = "room"


class ChangeKind(StrEnum):
    """A change of a unit. The shelter requests it, and the desk grants it."""

    NEW_UNIT = "new_unit"
    CHANGE_UNIT = "change_unit"
    MOVE_UNIT = "move_unit"
    CLOSE_UNIT = "close_unit"
    REOPEN_UNIT = "reopen_unit"


class ProfileTrial(StrEnum):
    """Trial changes of a unit's profile. For each change, the service computes the effect of admitting these clients,
    or of no longer admitting them.
    """

    WOMEN = "women"
    MEN = "men"
    MINORS = "minors"
    CHILDREN = "children"  # children who come along
    LANGUAGES = "languages"  # each language, by an interpreter
    SPECIALISMS = "specialisms"  # all specialisms together


class ClientBand(StrEnum):
    """A band for the number of waiting clients."""

    FEW = "few"
    SOME = "some"
    MANY = "many"

    @classmethod
    def of(cls, clients: int) -> Self:
        return cls.FEW if clients < 5 else cls.SOME if clients < 10 else cls.MANY  # noqa: PLR2004


class BedUse(StrEnum):
    """The use of a bed. A sign on the room's tile shows it."""

    LIVES = "lives"
    EXPECTED = "expected"
    ASKED = "asked"
    KEPT = "kept"
    OTHERS = "others"
    OUT = "out"
    FREE = "free"
    NOT_GIVEN = "not_given"


class FreeWhen(StrEnum):
    """The time by which a bed must be free, in a manual search."""

    TONIGHT = "tonight"
    SOON = "soon"  # within 14 days
    ANY = "any"  # with or without a free bed


class FreeBand(StrEnum):
    """A band for the number of free beds. For areas outside the reader's regions, it is shown instead of the exact
    number.
    """

    FEW = "few"  # also 0, because a change from few to 0 would disclose that a client arrived
    SOME = "some"
    MANY = "many"

    @classmethod
    def of(cls, beds: int) -> Self:
        return cls.FEW if beds <= 2 else cls.SOME if beds <= 5 else cls.MANY  # noqa: PLR2004


class RoomsLack(StrEnum):
    """The reason why no room of a unit has a bed for a client. These are the reasons of the engine's rule `rooms`."""

    TOO_FEW_BEDS = "too_few_beds"
    TOO_LATE = "too_late"
    OCCUPIED = "occupied"
    GENDER_OR_MINORS = "gender_or_minors"
    ROOM_NEEDS = "room_needs"
