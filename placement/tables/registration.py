"""Registrations of clients. A registration has a reference and an optional alias, but no name and no nationality."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, create_model
from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field
from typing_extensions import TypedDict

from placement.core.codes import AgeGroup, AvoidedKind, Gender, RegistrationStatus
from placement.core.need_codes import WaitObstacle
from placement.core.request_codes import RequestGround, RequestKind, RequestStatus, WithdrawalReason
from placement.core.whereabouts_codes import Informed, Lost, SearchEnd
from placement.tables.columns import WITHOUT_ORDER, coded, pseudonym, pseudonym_key, sealed, sealed_record
from placement.tables.facts import Facts
from placement.tables.records import WithRecord, facts_of_record
from placement.tables.sealed_row import InDoubt, SealedRow

ANONYMOUS = "anonymous-registrations"
"""The owner of the key that seals the remaining facts of all anonymised registrations."""


def key_of_facts(registration_id: str) -> str:
    """Returns the owner of the key that seals a registration's remaining facts after its content was erased."""
    return f"{registration_id}-facts"


class _OfRegistration(BaseModel):
    """Base of the models inside a registration's record. Their objects are immutable: a change replaces the whole
    object.
    """

    model_config = ConfigDict(frozen=True)


class RegisteredPerson(_OfRegistration):
    """A person of a registration. The date of birth is not stored; `age` is the person's age on the day `age_on`. For a
    minor the day of the 18th birthday can be stored, because more depends on that day than on the age in years.
    """

    id: str
    """The id of the registration, followed by the person's position."""
    gender: Gender
    housed_as: Gender | None = None
    """The gender with which the person is placed, if it differs from `gender`."""
    age: int | None = None
    presumed: AgeGroup | None = None
    """The presumed age group, if the age is unknown."""
    age_on: date
    adult_on: date | None = None
    """The day of the person's 18th birthday; only for minors."""
    guardian: bool = False
    """True if this person is the parent or guardian of the registration's minors. By law a minor cannot be a guardian;
    for a minor, true means that this minor is the parent of an accompanying child.
    """


class StoredPoint(TypedDict):
    """A point on the map, with the name of its place if a name was entered."""

    place: str | None
    lat: float
    lon: float


class Threat(_OfRegistration):
    """A danger point. It is visible only in the registration to which it belongs."""

    id: str
    point: StoredPoint
    min_km: int


class ReachPoint(_OfRegistration):
    """A place that the client must be able to reach, such as a hospital or a court."""

    id: str
    point: StoredPoint
    max_km: int


class Avoidance(_OfRegistration):
    """A place in which this client is not placed until a user lifts the avoidance: a unit, location, provider or
    region.
    """

    id: str
    kind: AvoidedKind
    target: str
    reason: str
    since: datetime
    set_by: str
    lifted_at: datetime | None = None
    lifted_by: str | None = None


class Request(_OfRegistration):
    """A request for a place. The number of a request is its position in the list. The first request is stored only when
    a second request follows. While a request is open, its urgency, days and waiting time are fields of the
    registration. When the request ends with an `outcome`, these values are stored here.
    """

    kind: RequestKind
    ground: RequestGround | None = None
    text: str | None = None
    made_at: datetime
    made_by: str
    outcome: RequestStatus | None = None
    reason: WithdrawalReason | None = None
    ended_text: str | None = None
    ended_on: date | None = None
    urgency: int | None = None
    needed_from: date | None = None
    needed_by: date | None = None
    waits_since: datetime | None = None


class Closing(_OfRegistration):
    """The closing of a case by a user: its time, and the state of the case before the closing."""

    at: datetime
    status: RegistrationStatus


class WhoKnows(_OfRegistration):
    """A body or person who was informed that the client is missing, and a note about it."""

    who: Informed
    at: datetime
    by: str
    text: str | None = None
    """A note on the conversation."""


class StopAsked(_OfRegistration):
    """A request to end the search for a minor. A second person must grant it."""

    by: str
    at: datetime
    browser: str | None
    end: SearchEnd
    reason: str
    text: str | None = None


class Search(_OfRegistration):
    """The search for a missing client, or for some persons of a household. The number of a search is its position in
    the list.
    """

    id: str
    lost: Lost
    since: datetime
    """The time at which the client left, or should have arrived."""
    said_at: datetime
    said_by: str
    persons: list[RegisteredPerson]
    """The missing persons, with their current facts."""
    is_whole: bool
    """True if the whole household is missing."""
    stay: str
    """The stay at the place that the client left, or at which the client did not arrive."""
    informed: list[WhoKnows] = []
    look_at: datetime
    """The time at which somebody must next look for the client."""
    stop_asked: StopAsked | None = None
    end: SearchEnd | None = None
    where: str | None = None
    """Free text: the place in which the client was found, or details of the reason for ending the search."""
    ended_at: datetime | None = None
    ended_by: str | None = None


class NotedObstacle(_OfRegistration):
    """The obstacle to a place that a user noted on a day."""

    code: WaitObstacle
    on: date
    by: str


IN_CLEAR = frozenset({"region", "urgency", "alias"})
"""The facts that have a column of their own: `region` as a pseudonym, `urgency` in clear, and `alias` sealed, with a
blind index.
"""


class _Parts(BaseModel):
    """Parts of a registration that are not facts of `Facts`. They are sealed together with the facts."""

    waits_since: datetime
    taken_over_on: date | None = None
    """The day on which the client was taken over: the client lived in a shelter, or waited, before the service existed.
    Figures do not count such a client as an arrival. `None`: the client was not taken over.
    """
    registered_by: str
    persons: list[RegisteredPerson] = []
    threats: list[Threat] = []
    reach: list[ReachPoint] = []
    avoidances: list[Avoidance] = []
    """All avoidances, earliest first, including lifted avoidances."""
    breaks: list[str] = []
    """The hard rules that the place has broken since the last change of the client's facts. This includes rules that
    became broken between the decision and the arrival.
    """
    place_lost_at: datetime | None = None
    """The time at which the client lost the last place; `None` if the client moved to another place."""
    requests: list[Request] = []
    """The requests, earliest first. The list is empty while there is only the first request, which is derived from the
    registration.
    """
    returns: str | None = None
    """The reference of this client's earlier, closed case, if this case continues it."""
    closing: Closing | None = None
    searches: list[Search] = []
    """The searches for missing persons, earliest first, including ended searches."""
    obstacle: NotedObstacle | None = None


_FACTS: dict[str, Any] = {
    name: (field.annotation, field) for name, field in Facts.model_fields.items() if name not in IN_CLEAR
}
RegistrationRecord = create_model("RegistrationRecord", __base__=_Parts, **_FACTS)

if TYPE_CHECKING:

    class _Registration(WithRecord, Facts, _Parts): ...

else:
    _Registration = type(
        "_Registration", (WithRecord,), {**facts_of_record(RegistrationRecord), "__module__": __name__}
    )


_TO_ERASE, _TO_ANONYMISE = text("content_erased_at IS NULL"), text("anonymised_at IS NULL")


class Registration(SealedRow, _Registration, table=True):
    """A registration. State, urgency and days are in clear, and the area is a pseudonym. The sealed column `content`
    contains the other facts.
    """

    __table_args__ = (
        CheckConstraint("urgency BETWEEN 1 AND 4", name="urgency"),
        CheckConstraint("(status = 'closed') = (closed_reason IS NOT NULL)", name="closed_reason"),
        Index("ix_registration_status", "status", "urgency", "waits_on", "id"),
        Index("ix_registration_urgency", "urgency", "waits_on", "id"),
        Index("ix_registration_to_erase", "status", "closed_on", sqlite_where=_TO_ERASE, postgresql_where=_TO_ERASE),
        Index(
            "ix_registration_to_anonymise",
            "status",
            "closed_on",
            sqlite_where=_TO_ANONYMISE,
            postgresql_where=_TO_ANONYMISE,
        ),
        WITHOUT_ORDER,
    )
    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    record: ClassVar[type[BaseModel]] = RegistrationRecord
    days: ClassVar[Mapping[str, str]] = {"waits_since": "waits_on"}

    id: str = Field(primary_key=True)
    """The reference of the case, which people also use on the telephone."""
    status: RegistrationStatus = coded(RegistrationStatus)
    version: int = 1
    region: str = pseudonym("registration.region", nullable=False)
    urgency: int = 3
    alias: str | None = sealed("case_key", index="alias_index")
    alias_index: str | None = Field(default=None, index=True)
    """The blind index of the alias. It finds a registration by its alias without decryption."""
    content: Any = sealed_record("case_key", kept=True)
    waits_on: date
    """The day of `waits_since`, in clear."""
    closed_reason: str | None = None
    closed_on: date | None = None
    content_erased_at: datetime | None = None
    anonymised_at: datetime | None = None
    """The times of the two steps of erasure. The first step erases the secrets, the second step all other identifying
    facts.
    """

    if TYPE_CHECKING:

        def __init__(self, **values: object) -> None: ...

    @property
    def open_searches(self) -> list[Search]:
        """The searches for persons who are missing now. The list is empty if the key of the case is missing."""
        return [one for one in self.known("searches") or () if one.end is None]

    @property
    def is_searched_for(self) -> bool:
        """True if the client or a person of the household is missing."""
        return self.status is RegistrationStatus.MISSING or bool(self.open_searches)

    @property
    def case_key(self) -> str:
        """The owner of the row's key. Each step of erasure seals the remaining facts with another key, and destroys the
        former key.
        """
        if self.anonymised_at is not None:
            return ANONYMOUS
        return self.id if self.content_erased_at is None else key_of_facts(self.id)


class FactChange(SealedRow, table=True):
    """A change of facts after the draft: actor, time, reason, and the values before and after. Each change has its own
    key. The key is destroyed with the key of the case, or separately if nobody may read the change.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    OUTSIDE: ClassVar[Mapping[str, str]] = {
        "content": "long, and written once: it opens in this row only, or is erased"
    }
    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    key: str
    """The name of the data key of this change."""
    content: Any = sealed_record("key")
    """A `placement.registrations.fact_history.Change`; `None` after erasure."""


class KeepApart(SealedRow, table=True):
    """Two registrations that must not be at the same location. The pair has a single row."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = WITHOUT_ORDER

    registration_id: str = pseudonym_key("keepapart.registration_id")
    other_id: str = pseudonym_key("keepapart.other_id", index=True)


class StaysWith(SealedRow, table=True):
    """Two registrations that belong together. The pair has a single row."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = WITHOUT_ORDER

    registration_id: str = pseudonym_key("stayswith.registration_id")
    other_id: str = pseudonym_key("stayswith.other_id", index=True)
