"""The hierarchy of places: a provider has shelters, a shelter has locations, a location has units, a unit has rooms, a
room has beds.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, UniqueConstraint

from placement.core.codes import Region, Scheme
from placement.core.place_codes import PlaceStatus, RegisterKind
from placement.tables.columns import code_column, coded, encrypted, listed, record
from placement.tables.facts import ProfileFacts
from placement.tables.sealed_row import InDoubt, SealedRow


def _life() -> CheckConstraint:
    return CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_on")


class Lifetime(SealedRow):
    """The base of shelter, location, unit and room. Each change of the place increases `version`."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN

    id: str = Field(primary_key=True)
    status: PlaceStatus = code_column(PlaceStatus, default=PlaceStatus.OPEN)
    opens_on: date | None = None
    """The day of opening. `None`: the place opened before the service recorded days of opening."""
    open_until: date | None = None
    """The last day of a place that is open for a limited time. Clients can stay until this day, but cannot arrive on
    it.
    """
    closes_on: date | None = None
    """The day on which a closing place must be empty."""
    no_new_from: date | None = None
    """The first day on which nobody new can arrive in a closing place."""
    closed_on: date | None = None
    version: int = 1

    def exists_on(self, day: date) -> bool:
        """Checks whether the place is open or closing on this day."""
        return (self.opens_on is None or self.opens_on <= day) and (self.closed_on is None or day < self.closed_on)


class Provider(SQLModel, table=True):
    id: str = Field(primary_key=True)
    name: str
    version: int = 1


class Shelter(Lifetime, table=True):
    """A shelter: the organisation that reports capacity. A shelter has one API key, and makes a single report for all
    its rooms.
    """

    __table_args__ = (_life(),)

    provider_id: str = Field(foreign_key="provider.id", index=True)
    name: str
    works_by_telephone: bool = False
    """True if the shelter works by telephone. The desk then gets the shelter's tasks, and calls the shelter."""


class Location(Lifetime, table=True):
    """A location. Rules know only the cell of about 10 km in which the location lies (`geography.py`). The address is
    encrypted, and no rule reads it.
    """

    __table_args__ = (_life(),)

    shelter_id: str = Field(foreign_key="shelter.id", index=True)
    name: str
    """A name that is understood within the shelter and does not disclose the address."""
    region: Region = coded(Region)
    cell_row: int
    cell_column: int
    address: str | None = encrypted()


class Unit(Lifetime, ProfileFacts, table=True):
    """A part of a location with one scheme and one profile. `version` counts the changes of the unit and of its
    profile.
    """

    __table_args__ = (
        _life(),
        CheckConstraint("0 <= min_age AND min_age <= max_age AND max_age <= 120", name="ages"),
        CheckConstraint("children_max_age BETWEEN 0 AND 17", name="children_max_age"),
        CheckConstraint("boys_max_age BETWEEN 0 AND 17", name="boys_max_age"),
        CheckConstraint("(children_max_age IS NULL) = (boys_max_age IS NULL)", name="children"),
        CheckConstraint("high_care_limit >= 0", name="high_care_limit"),
    )

    location_id: str = Field(foreign_key="location.id", index=True)
    name: str
    scheme: Scheme = coded(Scheme)
    children_max_age: int | None = None
    boys_max_age: int | None = None


class Room(Lifetime, table=True):
    __table_args__ = (_life(), CheckConstraint("beds_wanted >= 0", name="beds_wanted"))

    unit_id: str = Field(foreign_key="unit.id", index=True)
    name: str
    features: list[str] = listed()
    beds_wanted: int | None = None
    """The number of beds that the room should have, if it is lower than the number of existing beds. Surplus beds end
    when they become free.
    """


class Bed(SealedRow, table=True):
    """A bed that exists in the period `[from_on, until_on)`. Every bed has its own row, so the database can refuse to
    give it out twice. The capacity of a room on a day is the number of its beds that exist on that day.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.ROOM
    NAMED: ClassVar[tuple[str, ...]] = ("room_id", "id")
    __table_args__ = (
        UniqueConstraint("room_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("until_on >= from_on", name="period"),
    )

    id: int | None = Field(default=None, primary_key=True)
    room_id: str = Field(foreign_key="room.id", index=True)
    number: int
    from_on: date | None = None
    """The first day of the bed. `None`: the bed existed before the service recorded first days."""
    until_on: date | None = None

    def exists_on(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (self.until_on is None or day < self.until_on)


class RoomClosure(SealedRow, table=True):
    """A period `[since, until)` in which a room takes no new clients, because the room or a place that contains it is
    closing. `since` can be in the future.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.ROOM
    NAMED: ClassVar[tuple[str, ...]] = ("room_id", "id")
    __table_args__ = (CheckConstraint("until > since", name="period"),)

    id: int | None = Field(default=None, primary_key=True)
    room_id: str = Field(foreign_key="room.id", index=True)
    cause: str = Field(index=True)
    """The id of the closing place: the room itself, or its unit, location or shelter."""
    since: date
    until: date | None = None
    beds: int = 0
    """The number of beds that ended because of the closing. These beds return when the room reopens."""

    def is_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


class RegisterVersion(SQLModel, table=True):
    """The register's values of a place from a certain time on. Every change adds a row. Rows are never changed."""

    __table_args__ = (UniqueConstraint("kind", "thing_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: RegisterKind = coded(RegisterKind)
    thing_id: str = Field(index=True)
    version: int
    at: datetime
    by: str
    values: dict[str, Any] = record()
    """The columns of the place by name; never an address."""


class ProfileQuestion(SQLModel, table=True):
    """A question to the shelter about a unit's profile, asked when a refusal puts the profile in doubt."""

    id: str = Field(primary_key=True)
    unit_id: str = Field(foreign_key="unit.id", index=True)
    reason: str
    asked_at: datetime
    answered_at: datetime | None = None
