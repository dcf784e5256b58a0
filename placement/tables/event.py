"""Events, such as a raid or an evacuation, that bring many clients at once; and the rows of their members."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field

from placement.core.codes import Registrant, ResidenceBasis
from placement.core.consent_codes import SharingGround, SharingSaidBy
from placement.core.event_codes import EventKind, EventStatus
from placement.core.place_codes import RegisterKind
from placement.crypto.sealed_values import SealedRecord
from placement.tables.columns import WITHOUT_ORDER, coded, pseudonym
from placement.tables.sealed_row import InDoubt, SealedRow


class _OfEvent(BaseModel):
    model_config = ConfigDict(frozen=True)


class SharedDanger(_OfEvent):
    """A danger to all members: the name of a place, and the least distance in km. By default, the dated rule of the day
    determines the distance.
    """

    place: str
    min_km: int | None = None


class SharedFacts(_OfEvent):
    """The facts that all members share. A cell in a member's own row replaces the fact, or adds a danger."""

    registrant: Registrant = Registrant.OVERIG
    registrant_unit: str | None = None
    region: str | None = None
    residence_basis: ResidenceBasis = ResidenceBasis.UNKNOWN
    languages: Sequence[str] = ()
    language_required: bool = True
    dangers: Sequence[SharedDanger] = ()
    sharing_ground: SharingGround | None = None
    sharing_said_by: SharingSaidBy | None = None
    urgency: int = 2


class Forecast(_OfEvent):
    """The expected number of persons, for an event whose members are not known by name yet. It reserves no beds."""

    women: int = 0
    men: int = 0
    children: int = 0

    @property
    def persons(self) -> int:
        return self.women + self.men + self.children


class LeftPlace(_OfEvent):
    """The place that is emptied by an evacuation."""

    kind: RegisterKind
    id: str


class EventContent(_OfEvent):
    """The content of an event. No person is named in it."""

    name: str
    kind: EventKind
    day: date
    leader: str
    """The account of the person who leads the event."""
    made_by: str
    keep_from: date
    """The first day on which beds are kept for the members."""
    shared: SharedFacts = SharedFacts()
    forecast: Forecast = Forecast()
    shelters: Sequence[str] = ()
    """The temporary shelters that were made for the event."""
    left: LeftPlace | None = None


class MassEvent(SealedRow, table=True):
    """An event. Only its state and two days are in clear. Its key is destroyed when the retention term ends."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.ABSENT
    __table_args__ = (CheckConstraint("(status = 'done') = (ended_on IS NOT NULL)", name="ended_on"), WITHOUT_ORDER)

    id: str = Field(primary_key=True)
    status: EventStatus = coded(EventStatus)
    version: int = 1
    made_on: date
    ended_on: date | None = Field(default=None, index=True)
    content: EventContent = Field(sa_column=Column(SealedRecord(EventContent, "key_owner"), nullable=False))

    @property
    def key_owner(self) -> str:
        return f"event-{self.id}"


class CellFault(_OfEvent):
    """A fault in a cell of a member's row: the column, the code of the error, and the facts in the error's text."""

    column: str
    code: str
    facts: dict[str, object] = {}


class MemberContent(_OfEvent):
    """The typed cells of a member's row. They are kept only until the household is registered; then the case has the
    facts.
    """

    position: int
    household: str = ""
    """The letter or number of the household; empty: the person is alone."""
    cells: dict[str, str] = {}
    faults: Sequence[CellFault] = ()
    vehicle: str | None = None
    """The label of the vehicle in which the person travels."""


class EventMember(SealedRow, table=True):
    """A member of an event: a row of the grid for a person, or a case that was added as a whole.

    Event and case are pseudonyms, so that no query joins the cases of an event. Each row has its own data key, which is
    destroyed with the case.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.ABSENT
    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    event_id: str = pseudonym("eventmember.event_id", nullable=False)
    registration_id: str | None = pseudonym("eventmember.registration_id")
    """The case; `None` until the household is registered."""
    version: int = 1
    content: MemberContent = Field(sa_column=Column(SealedRecord(MemberContent, "key_owner"), nullable=False))

    @property
    def key_owner(self) -> str:
        """The name of this row's data key. The name contains no reference of the case."""
        return f"member-{self.id}"
