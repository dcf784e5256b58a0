"""Providers of places: provider > shelter > location > unit > room > bed."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, UniqueConstraint

from placement.core.codes import Region, Scheme
from placement.tables.columns import coded, encrypted, listed
from placement.tables.facts import ProfileFacts


class Provider(SQLModel, table=True):
    id: str = Field(primary_key=True)
    name: str


class Shelter(SQLModel, table=True):
    """The organisation that reports: one key, one report for all its rooms."""

    id: str = Field(primary_key=True)
    provider_id: str = Field(foreign_key="provider.id", index=True)
    name: str
    confirmation_asked_at: datetime | None = None
    """Since when the service waits for this shelter to confirm its count."""


class Location(SQLModel, table=True):
    """A location, known by its cell of about 10 km only (`geography.py`). The address is encrypted, and no rule reads
    it.
    """

    id: str = Field(primary_key=True)
    shelter_id: str = Field(foreign_key="shelter.id", index=True)
    region: Region = coded(Region)
    cell_row: int
    cell_column: int
    address: Any = encrypted()


class Unit(SQLModel, ProfileFacts, table=True):
    """A part of a location with one scheme and one profile. `version` counts the changes of the profile."""

    __table_args__ = (
        CheckConstraint("0 <= min_age AND min_age <= max_age AND max_age <= 120", name="ages"),
        CheckConstraint("children_max_age BETWEEN 0 AND 17", name="children_max_age"),
        CheckConstraint("boys_max_age BETWEEN 0 AND 17", name="boys_max_age"),
        CheckConstraint("(children_max_age IS NULL) = (boys_max_age IS NULL)", name="children"),
        CheckConstraint("high_care_limit >= 0", name="high_care_limit"),
    )

    id: str = Field(primary_key=True)
    location_id: str = Field(foreign_key="location.id", index=True)
    name: str
    scheme: Scheme = coded(Scheme)
    children_max_age: int | None = None
    boys_max_age: int | None = None
    version: int = 1


class Room(SQLModel, table=True):
    id: str = Field(primary_key=True)
    unit_id: str = Field(foreign_key="unit.id", index=True)
    name: str
    features: list[str] = listed()


class Bed(SQLModel, table=True):
    """A bed. It has a number of its own, so that the database can ensure that it is given once."""

    __table_args__ = (UniqueConstraint("room_id", "number"), CheckConstraint("number >= 1", name="number"))

    id: int | None = Field(default=None, primary_key=True)
    room_id: str = Field(foreign_key="room.id", index=True)
    number: int


class ProfileQuestion(SQLModel, table=True):
    """A question about a profile: a refusal said that the unit cannot do what it says; the shelter is asked to check
    it.
    """

    id: str = Field(primary_key=True)
    unit_id: str = Field(foreign_key="unit.id", index=True)
    reason: str
    asked_at: datetime
    answered_at: datetime | None = None
