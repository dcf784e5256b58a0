"""Registrations of clients. No name, no nationality: a reference, and an optional alias."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, create_model
from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel
from typing_extensions import TypedDict

from placement.core.codes import AgeGroup, AvoidedKind, Gender, RegistrationStatus
from placement.core.request_codes import RequestGround, RequestKind, RequestStatus, WithdrawalReason
from placement.core.whereabouts_codes import Informed, Lost, SearchEnd
from placement.tables.columns import WITHOUT_ORDER, coded, pseudonym, pseudonym_key, sealed, sealed_record
from placement.tables.facts import Facts
from placement.tables.records import WithRecord, facts_of_record
from placement.tables.sealed_row import InDoubt, SealedRow

ANONYMOUS = "anonymous-registrations"
"""The owner of the key for the remaining facts of anonymised registrations."""


def key_of_facts(registration_id: str) -> str:
    """Returns the owner of the key for the facts of a registration whose content was erased."""
    return f"{registration_id}-facts"


class _OfRegistration(BaseModel):
    """Part of a record: immutable, and replaced as a whole."""

    model_config = ConfigDict(frozen=True)


class RegisteredPerson(_OfRegistration):
    """A person of a registration. The age is that on `age_on`: a date of birth is not stored.

    For a minor the 18th birthday can be stored, which decides more than an age in years.
    """

    id: str
    """The id of the registration, and the position in it."""
    gender: Gender
    housed_as: Gender | None = None
    """The gender by which a place is sought, if it differs from the registered gender."""
    age: int | None = None
    presumed: AgeGroup | None = None
    """The presumed age group, if the age is unknown."""
    age_on: date
    adult_on: date | None = None
    """The day of turning 18; only for minors."""
    guardian: bool = False
    """True if this person is the parent or guardian of the minors of the registration.
    By law a minor cannot be a guardian: true then means the parent of an accompanying child.
    """


class StoredPoint(TypedDict):
    """A point, with the name of its place if that was given."""

    place: str | None
    lat: float
    lon: float


class Threat(_OfRegistration):
    """A danger point: visible in its own registration and nowhere else."""

    id: str
    point: StoredPoint
    min_km: int


class ReachPoint(_OfRegistration):
    """A place that the client must be able to reach (a hospital, a court)."""

    id: str
    point: StoredPoint
    max_km: int


class Avoidance(_OfRegistration):
    """A unit, location, provider or region that this registration does not go to, until a user lifts it."""

    id: str
    kind: AvoidedKind
    target: str
    reason: str
    since: datetime
    set_by: str
    lifted_at: datetime | None = None
    lifted_by: str | None = None


class Request(_OfRegistration):
    """A request for a place; the first request is stored only when another follows. Its number is its position in the
    list. Urgency, days and waiting time of the open request are those of the registration. They are stored here once it
    has ended with `outcome`.
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
    """The closing of a case by hand: its time, and the state before it."""

    at: datetime
    status: RegistrationStatus


class WhoKnows(_OfRegistration):
    """A body or person who was informed that a client is missing."""

    who: Informed
    at: datetime
    by: str
    text: str | None = None
    """The note on the conversation."""


class StopAsked(_OfRegistration):
    """A request to end the search for a minor, which a second person grants."""

    by: str
    at: datetime
    browser: str | None
    end: SearchEnd
    reason: str
    text: str | None = None


class Search(_OfRegistration):
    """The search for a missing client, or for some persons of a household; its number is its position in the list."""

    id: str
    lost: Lost
    since: datetime
    """The time at which the client left, or did not arrive."""
    said_at: datetime
    said_by: str
    persons: list[RegisteredPerson]
    """The missing persons, with their present facts."""
    is_whole: bool
    """True if the whole household is missing."""
    stay: str
    """The stay at the place that the client left, or to which the client was expected."""
    informed: list[WhoKnows] = []
    look_at: datetime
    """The moment of the next look."""
    stop_asked: StopAsked | None = None
    end: SearchEnd | None = None
    where: str | None = None
    """The place in which the client was found, or details of the reason, in words."""
    ended_at: datetime | None = None
    ended_by: str | None = None


IN_CLEAR = frozenset({"region", "urgency", "alias"})
"""The facts with a column: the area as a pseudonym, the urgency, and the alias, sealed separately to be found."""


class _Parts(BaseModel):
    """The parts of a registration besides its facts; all are sealed with them."""

    waits_since: datetime
    taken_over_on: date | None = None
    """The day of entry of a client who lived in a shelter, or waited, before the service existed.
    No figure counts such a client as an arrival.
    """
    registered_by: str
    persons: list[RegisteredPerson] = []
    threats: list[Threat] = []
    reach: list[ReachPoint] = []
    avoidances: list[Avoidance] = []
    """All avoidances, also lifted avoidances; earliest first."""
    breaks: list[str] = []
    """The hard rules that the place breaks since the client's facts changed, as of the last change.
    Also rules that it broke at the arrival, but not at the decision.
    """
    place_lost_at: datetime | None = None
    """The time at which the client's last place was lost, unless the client left it for another place."""
    requests: list[Request] = []
    """The requests, earliest first; empty if there is only the first request, which is derived."""
    returns: str | None = None
    """The closed case of this client from which this case goes on."""
    closing: Closing | None = None
    searches: list[Search] = []
    """The searches for missing persons, earliest first, including ended searches."""


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
    """A registration. In clear: state, urgency and days; the area is a pseudonym. The sealed `content` has the rest."""

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
    """The reference: used over the phone."""
    status: RegistrationStatus = coded(RegistrationStatus)
    version: int = 1
    region: str = pseudonym("registration.region", nullable=False)
    urgency: int = 3
    alias: str | None = sealed("case_key", index="alias_index")
    alias_index: str | None = Field(default=None, index=True)
    """The blind index of the alias: it is found without being decrypted."""
    content: Any = sealed_record("case_key", kept=True)
    waits_on: date
    """The day of `waits_since`."""
    closed_reason: str | None = None
    closed_on: date | None = None
    content_erased_at: datetime | None = None
    anonymised_at: datetime | None = None
    """The times at which retention erased the secrets, and then all other identifying facts."""

    if TYPE_CHECKING:

        def __init__(self, **values: object) -> None: ...

    @property
    def open_searches(self) -> list[Search]:
        """The searches for persons who are missing now; also empty if the key of the case is missing."""
        return [one for one in self.known("searches") or () if one.end is None]

    @property
    def is_searched_for(self) -> bool:
        """True if the client, or a person of the household, is missing."""
        return self.status is RegistrationStatus.MISSING or bool(self.open_searches)

    @property
    def case_key(self) -> str:
        """The owner of its key. Each step of erasure seals the rest with another key, and destroys the former key."""
        if self.anonymised_at is not None:
            return ANONYMOUS
        return self.id if self.content_erased_at is None else key_of_facts(self.id)


class FactChange(SQLModel, table=True):
    """A change of the facts of a client who is not a draft: actor, time, reason, values before and after.

    Sealed with a key of its own, which is destroyed with that of the case, or alone if a mistake must be forgotten.
    """

    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    key: str
    """The name of the data key of this change."""
    content: Any = sealed_record("key")
    """`placement.registrations.fact_history.Change`; `None` after erasure."""


class KeepApart(SealedRow, table=True):
    """Two registrations that may not be at one location. A single row binds both."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = WITHOUT_ORDER

    registration_id: str = pseudonym_key("keepapart.registration_id")
    other_id: str = pseudonym_key("keepapart.other_id", index=True)


class StaysWith(SealedRow, table=True):
    """Two registrations that belong together. A single row binds both."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = WITHOUT_ORDER

    registration_id: str = pseudonym_key("stayswith.registration_id")
    other_id: str = pseudonym_key("stayswith.other_id", index=True)
