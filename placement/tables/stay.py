"""Holds (beds kept until a time limit), stays (clients in house), and the bed claims of both.

The location of a client is secret, so no row contains it in clear. A hold and a stay name their case. Their unit is
sealed with the key of the case, and so are times that could be matched with a shelter's rows. A bed claim has bed and
period in clear, so that the database can refuse a double booking. All references in a bed claim are pseudonyms. On
SQLite these tables keep no insertion order.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field
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
    """The first day on which the hold claims its beds. The client may arrive later."""
    made_at: datetime
    made_by: str
    asked_at: datetime | None = sealed_as(SealedMoment, "registration_id")
    """The time at which the shelter was asked; `None` while the beds are only reserved for a decision."""
    expires_at: datetime = sealed_as(SealedMoment, "registration_id")
    answered_at: datetime | None = sealed_as(SealedMoment, "registration_id")
    answered_by: str | None = sealed("registration_id")
    heard: HeardByTelephone | None = sealed("registration_id")
    """The shelter's answer by telephone, as the desk entered it, and whether it is certain. `None` if the shelter
    answered with its own account, or has not answered.
    """
    expected_at: datetime | None = sealed_as(SealedMoment, "registration_id")
    """The time of arrival that shelter and registrant agreed on; set when the shelter confirms."""
    entered_at: datetime | None = sealed_as(SealedMoment, "registration_id")
    """The time at which the question or the answer was entered, if it was a late entry."""
    ended_on: date | None = Field(default=None, index=True)
    """The day on which the beds were released."""
    reason: str | None = None
    text: str | None = sealed("registration_id")
    told: dict[str, str | None] | None = sealed("registration_id")
    """Notes for the shelter and for the driver (`placement/placements/holds/handover_notes.py`)."""

    @property
    def waits_since(self) -> datetime | None:
        """The time since which the shelter can answer: the time of the question, or of its entry if the question was
        entered late.
        """
        return max((at for at in (self.asked_at, self.entered_at) if at is not None), default=None)


class Before(TypedDict):
    """The state of a case, a stay and its beds before a report about the stay. With this state, the report can be
    reversed.
    """

    said: str
    at: str
    claims: dict[str, str]
    """The first day of each bed claim, by the claim's id."""
    status: str
    urgency: int
    needed_by: str
    place_lost_at: str | None
    breaks: list[str]
    broken: list[str]
    persons: list[dict[str, object]]
    requests: list[dict[str, object]]
    left: str | None
    """The id of the stay at another place that ended with this arrival. `left_claims`: the ids of that stay's bed
    claims.
    """
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
    """The time of arrival. For a stay that was taken over: the beginning of the day, because the hour is unknown."""
    taken_over_on: date | None = None
    """For a stay that began before the service: the day on which the stay was entered. Such a stay has no proposal and
    no decision. `None`: any other stay.
    """
    goes_on_from: str | None = None
    """The stay that ended when the client went missing. Set if the client came back, and this stay continues that stay
    in the same bed.
    """
    limit_on: Any = sealed_as(SealedDay, "registration_id")
    """The day on which the stay reaches the limit (three months, or 30 days); `None` until the arrival."""
    blocker: str | None = None
    """The code of the obstacle that prevents the client from leaving on the limit day."""
    blocked_on: date | None = sealed_as(SealedDay, "registration_id")
    """The day on which the obstacle was last reported."""
    blocker_text: str | None = sealed("registration_id")
    ended_on: date | None = Field(default=None, index=True)
    end_reason: str | None = None
    end_text: str | None = sealed("registration_id")
    missed: Missed | None = sealed("registration_id")
    """If the client did not arrive: the time of the report about it, and the result of the call to the client."""
    before: Any = sealed("registration_id")
    """The last report of an arrival or departure, with the state of the case and its beds before that report. See
    `placement/placements/stays/prior_state.py`.
    """

    @property
    def starts_on(self) -> Any:
        """The day of arrival; `None` before the arrival."""
        return day_of(self.arrived_at) if isinstance(self.arrived_at, datetime) else self.arrived_at


class BedClaim(SealedRow, table=True):
    """The claim of a hold or stay on a bed for `[starts_on, ends_on)`. The database refuses overlapping claims.

    If a household shares its room with nobody, the room's empty beds are claimed without a person. After the case's
    content was erased, a claim keeps only bed and period. Its id is random and discloses no order.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.ROOM
    NAMED: ClassVar[tuple[str, ...]] = ("bed_id", "id")
    STATED: ClassVar[bool] = False
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
