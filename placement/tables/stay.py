"""Beds kept until a time (hold), clients in house (stay), and the claims of both on beds.

The location of a client is the service's secret, and no row has it in clear. A hold and a stay name their case. Their
unit, and times that could be joined with a shelter's rows, are sealed with the key of the case. A claim has its bed and
period, so that the database can refuse a double booking; it names everything else by pseudonym. On SQLite these tables
keep no order of their rows.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel
from typing_extensions import TypedDict

from placement.core.clock import day_of
from placement.core.codes import HoldStatus, StayStatus
from placement.core.ids import new_id
from placement.crypto.sealed_values import SealedDay, SealedMoment
from placement.tables.columns import WITHOUT_ORDER, coded, pseudonym, sealed, sealed_as
from placement.tables.sealed_row import InDoubt, SealedRow

_LIVE_HOLD = text("status IN ('reserved', 'waiting_for_shelter')")
_PLANNED = text("status = 'planned'")
_IN_HOUSE = text("status = 'in_house'")


class HeardByTelephone(TypedDict):
    entry: str
    certain: bool


class Missed(TypedDict):
    at: str
    rung: str
    wants_place: bool | None


class Hold(SealedRow, table=True):
    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = (
        CheckConstraint("(status = 'refused') <= (reason IS NOT NULL)", name="reason"),
        Index(
            "uq_hold_one_waiting", "registration_id", unique=True, postgresql_where=_LIVE_HOLD, sqlite_where=_LIVE_HOLD
        ),
        WITHOUT_ORDER,
    )

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    unit_id: str = sealed("registration_id")
    decision_id: str = Field(foreign_key="decision.id", unique=True)
    status: HoldStatus = coded(HoldStatus, index=True)
    starts_on: date = sealed_as(SealedDay, "registration_id")
    """The first day on which its beds are claimed, whenever the client comes."""
    made_at: datetime
    made_by: str
    asked_at: datetime | None = sealed_as(SealedMoment, "registration_id")
    """The time at which the shelter was asked; `None` while the beds are only kept for a decision."""
    expires_at: datetime = sealed_as(SealedMoment, "registration_id")
    answered_at: datetime | None = sealed_as(SealedMoment, "registration_id")
    answered_by: str | None = sealed("registration_id")
    heard: HeardByTelephone | None = sealed("registration_id")
    """An answer that the desk entered by telephone: the entry, and whether the shelter was asked again since.
    `None`: the shelter answered with its own account, or has not answered.
    """
    expected_at: datetime | None = sealed_as(SealedMoment, "registration_id")
    """The arrival that shelter and registrant agreed on; set by the confirmation."""
    entered_at: datetime | None = sealed_as(SealedMoment, "registration_id")
    """The time at which a late entry of the question or the answer was made."""
    ended_on: date | None = Field(default=None, index=True)
    """The day on which the beds were released, by anybody."""
    reason: str | None = None
    text: str | None = sealed("registration_id")
    told: dict[str, str | None] | None = sealed("registration_id")
    """Notes for the shelter and the driver (`placement/placements/holds/handover_notes.py`)."""

    @property
    def waits_since(self) -> datetime | None:
        """The time since which the shelter can answer: the question, or its entry if that is later."""
        return max((at for at in (self.asked_at, self.entered_at) if at is not None), default=None)


class Before(TypedDict):
    """A case, a stay and its beds before an entry about the stay."""

    said: str
    at: str
    claims: dict[str, str]
    """The first day of each claim, by its id."""
    status: str
    urgency: int
    needed_by: str
    place_lost_at: str | None
    breaks: list[str]
    broken: list[str]
    persons: list[dict[str, object]]
    requests: list[dict[str, object]]
    left: str | None
    """The stay that an arrival ended at another place, and the beds there."""
    left_claims: list[str]


class Stay(SealedRow, table=True):
    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = (
        CheckConstraint("(status = 'ended') = (end_reason IS NOT NULL)", name="end_reason"),
        Index("uq_stay_one_planned", "registration_id", unique=True, postgresql_where=_PLANNED, sqlite_where=_PLANNED),
        Index(
            "uq_stay_one_in_house", "registration_id", unique=True, postgresql_where=_IN_HOUSE, sqlite_where=_IN_HOUSE
        ),
        WITHOUT_ORDER,
    )

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    unit_id: str = sealed("registration_id")
    hold_id: str | None = Field(default=None, foreign_key="hold.id", unique=True)
    status: StayStatus = coded(StayStatus, index=True)
    arrived_at: Any = sealed_as(SealedMoment, "registration_id")
    """After a take-over: the beginning of the day, because the hour is unknown."""
    taken_over_on: date | None = None
    """The day of entry of a stay that began without the service: it has no proposal and no decision."""
    goes_on_from: str | None = None
    """The stay that ended when the client became missing, if the client returned to the former bed."""
    limit_on: Any = sealed_as(SealedDay, "registration_id")
    """The day on which the stay reaches its scheme's limit (three months, or 30 days); `None` until the arrival."""
    blocker: str | None = None
    """The obstacle that keeps the client beyond that day, as a code."""
    blocked_on: date | None = sealed_as(SealedDay, "registration_id")
    """The day on which the obstacle was last stated."""
    blocker_text: str | None = sealed("registration_id")
    ended_on: date | None = Field(default=None, index=True)
    end_reason: str | None = None
    end_text: str | None = sealed("registration_id")
    missed: Missed | None = sealed("registration_id")
    """If the client did not come: the time of that report, and the result of the call."""
    before: Any = sealed("registration_id")
    """The last report of an arrival or departure, and the case and its beds before it.
    See `placement/placements/stays/prior_state.py`.
    """

    @property
    def starts_on(self) -> Any:
        """The day of arrival; `None` until then."""
        return day_of(self.arrived_at) if isinstance(self.arrived_at, datetime) else self.arrived_at


class BedClaim(SQLModel, table=True):
    """One bed, one period `[starts_on, ends_on)`, one hold or stay. The database refuses overlapping claims.

    A bed that stays empty because a household shares its room with nobody is claimed without a person. When the content
    of its case is erased, a claim keeps only bed and period. Its id is random, and discloses no order.
    """

    __table_args__ = (CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"), WITHOUT_ORDER)

    id: str = Field(default_factory=lambda: new_id("C"), primary_key=True)
    bed_id: int = pseudonym("bedclaim.bed_id", nullable=False)
    hold_id: str | None = pseudonym("bedclaim.hold_id")
    stay_id: str | None = pseudonym("bedclaim.stay_id")
    registration_id: str | None = pseudonym("bedclaim.registration_id")
    person_id: str | None = pseudonym("bedclaim.person_id")
    whole_room: bool = False
    starts_on: date
    ends_on: date | None = Field(default=None, index=True)
    cancelled: bool = False
