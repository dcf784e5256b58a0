"""Registrations of clients. No name, no nationality: a reference, and an alias if one is wanted."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, UniqueConstraint

from placement.core.codes import AgeGroup, AvoidedKind, Gender, RegistrationStatus
from placement.tables.columns import coded, sealed
from placement.tables.facts import Facts


class Registration(SQLModel, Facts, table=True):
    __table_args__ = (
        CheckConstraint("urgency BETWEEN 1 AND 4", name="urgency"),
        CheckConstraint("(status = 'closed') = (closed_reason IS NOT NULL)", name="closed_reason"),
    )

    id: str = Field(primary_key=True)
    """The reference: used over the phone."""
    status: RegistrationStatus = coded(RegistrationStatus, index=True)
    version: int = 1
    alias: Any = sealed("id", index="alias_index")
    alias_index: str | None = Field(default=None, index=True)
    """The blind index of the alias: it is found without being decrypted."""
    waits_since: datetime
    taken_over_on: date | None = None
    """The day on which a client was entered who was known before the service was: one who lived in a shelter, or
    waited. Such a client is no arrival in any figure.
    """
    near: Any = sealed("id")
    """`{place, lat, lon}`"""
    registered_by: str
    closed_reason: str | None = None
    closed_at: datetime | None = None
    content_erased_at: datetime | None = None
    anonymised_at: datetime | None = None
    """When retention erased the secrets, and when the rest that could identify a person."""


class RegisteredPerson(SQLModel, table=True):
    """One person of a registration. The age is as it was on `age_on`: a date of birth is not stored.

    Of a minor the day of turning 18 can be, which decides more than an age in years can tell.
    """

    __table_args__ = (
        UniqueConstraint("registration_id", "number"),
        CheckConstraint("age BETWEEN 0 AND 120", name="age"),
        CheckConstraint("(age IS NULL) = (presumed IS NOT NULL)", name="age_or_presumed"),
    )

    id: int | None = Field(default=None, primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    number: int
    gender: Gender = coded(Gender)
    housed_as: Gender | None = coded(Gender, nullable=True, name="housed_as")
    """The gender by which a place is sought, where that is another than the registered one."""
    age: int | None = None
    presumed: AgeGroup | None = coded(AgeGroup, nullable=True)
    """What the person is taken for where the age is not known."""
    age_on: date
    adult_on: Any = sealed("registration_id")
    """The day of turning 18 (ISO 8601), of a minor only."""
    guardian: bool = False
    """Whether this person is the parent or guardian of the minors of the registration. By law a minor is nobody's
    guardian: of a minor it says that they are the parent of a child that comes along.
    """


class Threat(SQLModel, table=True):
    """A danger point: visible in its own registration and nowhere else. `point`: `{place, lat, lon}`."""

    __table_args__ = (CheckConstraint("min_km > 0", name="min_km"),)

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    point: Any = sealed("registration_id", nullable=False)
    min_km: int


class ReachPoint(SQLModel, table=True):
    """A place that the client must be able to reach (a hospital, a court). `point`: `{place, lat, lon}`."""

    __table_args__ = (CheckConstraint("max_km > 0", name="max_km"),)

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    point: Any = sealed("registration_id", nullable=False)
    max_km: int


class Avoidance(SQLModel, table=True):
    """A unit, location, provider or region that this registration does not go to, until a user lifts it."""

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    kind: AvoidedKind = coded(AvoidedKind)
    target: str
    reason: str
    since: datetime
    set_by: str
    lifted_at: datetime | None = None
    lifted_by: str | None = None


class KeepApart(SQLModel, table=True):
    """Two registrations that may not be at one location. Named once, it binds both."""

    registration_id: str = Field(foreign_key="registration.id", primary_key=True)
    other_id: str = Field(primary_key=True, index=True)


class StaysWith(SQLModel, table=True):
    """Two registrations that belong together. Named once, it binds both."""

    registration_id: str = Field(foreign_key="registration.id", primary_key=True)
    other_id: str = Field(primary_key=True, index=True)
