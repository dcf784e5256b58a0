"""A bed kept until a time (hold), a client in house (stay), and the claims of both on beds."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from placement.core.codes import HoldStatus, StayStatus
from placement.tables.columns import coded, sealed

_LIVE_HOLD = text("status IN ('reserved', 'waiting_for_shelter')")
_LIVE_STAY = text("status <> 'ended'")


class Hold(SQLModel, table=True):
    __table_args__ = (
        CheckConstraint("(status = 'refused') <= (reason IS NOT NULL)", name="reason"),
        Index(
            "uq_hold_one_waiting", "registration_id", unique=True, postgresql_where=_LIVE_HOLD, sqlite_where=_LIVE_HOLD
        ),
    )

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    unit_id: str = Field(foreign_key="unit.id", index=True)
    decision_id: str = Field(foreign_key="decision.id", unique=True)
    status: HoldStatus = coded(HoldStatus, index=True)
    starts_on: date
    made_at: datetime
    made_by: str
    asked_at: datetime | None = None
    """When the shelter was asked; None while the beds are only kept for a decision."""
    expires_at: datetime
    answered_at: datetime | None = None
    answered_by: str | None = None
    expected_at: datetime | None = None
    """The arrival that shelter and registrant agreed on; set when it is confirmed."""
    reason: str | None = None
    text: Any = sealed("registration_id")


class Stay(SQLModel, table=True):
    __table_args__ = (
        CheckConstraint("(status = 'ended') = (end_reason IS NOT NULL)", name="end_reason"),
        Index("uq_stay_one_live", "registration_id", unique=True, postgresql_where=_LIVE_STAY, sqlite_where=_LIVE_STAY),
    )

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    unit_id: str = Field(foreign_key="unit.id", index=True)
    hold_id: str | None = Field(default=None, foreign_key="hold.id", unique=True)
    status: StayStatus = coded(StayStatus, index=True)
    starts_on: date
    arrived_at: datetime | None = None
    """Of a client who was taken over: the beginning of the day, as no hour is known."""
    taken_over_on: date | None = None
    """The day on which this stay was entered, where it had begun without the service: nobody proposed or decided it."""
    limit_on: date
    """The day on which the stay reaches the limit of the scheme: three months, or 30 days."""
    blocker: str | None = None
    """What keeps the client beyond that day, as a code."""
    blocker_text: Any = sealed("registration_id")
    ended_on: date | None = None
    end_reason: str | None = None
    end_text: Any = sealed("registration_id")


class BedClaim(SQLModel, table=True):
    """One bed, one period `[starts_on, ends_on)`, one hold or stay. The database refuses two that overlap.

    A bed that stays empty because a household has the room for itself is claimed too, without a person.
    """

    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        CheckConstraint("hold_id IS NOT NULL OR stay_id IS NOT NULL", name="whose"),
    )

    id: int | None = Field(default=None, primary_key=True)
    bed_id: int = Field(foreign_key="bed.id", index=True)
    hold_id: str | None = Field(default=None, foreign_key="hold.id", index=True)
    stay_id: str | None = Field(default=None, foreign_key="stay.id", index=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="registeredperson.id", ondelete="SET NULL")
    whole_room: bool = False
    starts_on: date
    ends_on: date | None = None
    cancelled: bool = False
