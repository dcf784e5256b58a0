"""Registrations of clients. No name, no nationality: a reference, and an alias if one is wanted."""

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

ANONYMOUS = "anonymous-registrations"
"""The owner of the key under which is what stays of anonymised registrations."""


def key_of_facts(registration_id: str) -> str:
    """The owner of the key under which are the facts of a registration whose content was erased."""
    return f"{registration_id}-facts"


class _OfRegistration(BaseModel):
    """Part of a record: changed by putting another in its place."""

    model_config = ConfigDict(frozen=True)


class RegisteredPerson(_OfRegistration):
    """One person of a registration. The age is as it was on `age_on`: a date of birth is not stored.

    Of a minor the day of turning 18 can be, which decides more than an age in years can tell.
    """

    id: str
    """The registration's, and the place in it."""
    gender: Gender
    housed_as: Gender | None = None
    """The gender by which a place is sought, where that is another than the registered one."""
    age: int | None = None
    presumed: AgeGroup | None = None
    """What the person is taken for where the age is not known."""
    age_on: date
    adult_on: date | None = None
    """The day of turning 18, of a minor only."""
    guardian: bool = False
    """Whether this person is the parent or guardian of the minors of the registration. By law a minor is nobody's
    guardian: of a minor it says that they are the parent of a child that comes along.
    """


class StoredPoint(TypedDict):
    """A point, with the name of its place if it was given by that."""

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
    """A place asked for that is not the first.

    Of the one that is open, urgency, days and waiting time are those of the registration; they are here once it has
    ended, as `outcome` says. Its number is its place in the list.
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
    """That the case was closed by hand: when, and what it was then."""

    at: datetime
    status: RegistrationStatus


class WhoKnows(_OfRegistration):
    """A body or person who was informed that a client is missing."""

    who: Informed
    at: datetime
    by: str
    text: str | None = None
    """What was said."""


class StopAsked(_OfRegistration):
    """A request to end the search for a minor, which a second person grants."""

    by: str
    at: datetime
    browser: str | None
    end: SearchEnd
    reason: str
    text: str | None = None


class Search(_OfRegistration):
    """The search for a missing client, or for some persons of a household; its number is its place in the list."""

    id: str
    lost: Lost
    since: datetime
    """When the client left, or was not there."""
    said_at: datetime
    said_by: str
    persons: list[RegisteredPerson]
    """Those who are missing, as the household has them now."""
    is_whole: bool
    """Whether the whole household is missing."""
    stay: str
    """The stay at the place that the client left, or to which the client was expected."""
    informed: list[WhoKnows] = []
    look_at: datetime
    """The moment of the next look."""
    stop_asked: StopAsked | None = None
    end: SearchEnd | None = None
    where: str | None = None
    """Where the client was found, or more about the reason, in words."""
    ended_at: datetime | None = None
    ended_by: str | None = None


IN_CLEAR = frozenset({"region", "urgency", "alias"})
"""The facts that have a column: the area as a pseudonym, the urgency, and the alias, sealed by itself to be found."""


class _Parts(BaseModel):
    """What a registration consists of besides its facts: all of it sealed with them."""

    waits_since: datetime
    taken_over_on: date | None = None
    """The day on which a client was entered who was known before the service was: one who lived in a shelter, or
    waited. Such a client is no arrival in any figure.
    """
    registered_by: str
    persons: list[RegisteredPerson] = []
    threats: list[Threat] = []
    reach: list[ReachPoint] = []
    avoidances: list[Avoidance] = []
    """Those that were lifted, too; the earliest first."""
    breaks: list[str] = []
    """The hard rules that the place breaks since its client's facts changed, as of the last change; and those that it
    broke on the arrival, and did not when it was decided.
    """
    place_lost_at: datetime | None = None
    """When the last place in which the client lived was lost, and not left for another one."""
    requests: list[Request] = []
    """The places asked for, the earliest first; empty as long as it is only the first, which is derived."""
    returns: str | None = None
    """The closed case of this client that it goes on from."""
    closing: Closing | None = None
    searches: list[Search] = []
    """Those for missing persons, the earliest first; with those that ended."""


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


class Registration(_Registration, table=True):
    """In clear are the state, the urgency and days; the area is a pseudonym. All else is in the sealed `content`."""

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
    """When retention erased the secrets, and when the rest that could identify a person."""

    if TYPE_CHECKING:

        def __init__(self, **values: object) -> None: ...

    @property
    def open_searches(self) -> list[Search]:
        """Those for persons who are missing now; empty too if the key of the case is missing."""
        return [one for one in self.known("searches") or () if one.end is None]

    @property
    def is_searched_for(self) -> bool:
        """Whether the client, or a person of the household, is missing."""
        return self.status is RegistrationStatus.MISSING or bool(self.open_searches)

    @property
    def case_key(self) -> str:
        """Whose key seals it: each step of erasure leaves less, under another key, and destroys the one of before."""
        if self.anonymised_at is not None:
            return ANONYMOUS
        return self.id if self.content_erased_at is None else key_of_facts(self.id)


class FactChange(SQLModel, table=True):
    """A change of the facts of a client who is not a draft: who, when, why, before and after.

    Sealed with a key of its own, which is destroyed alone where a mistake must be forgotten, and with that of the case.
    """

    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    key: str
    """The name of the data key of this change."""
    content: Any = sealed_record("key")
    """`placement.registrations.fact_history.Change`; None once it was erased."""


class KeepApart(SQLModel, table=True):
    """Two registrations that may not be at one location. Named once, it binds both."""

    __table_args__ = WITHOUT_ORDER

    registration_id: str = pseudonym_key("keepapart.registration_id")
    other_id: str = pseudonym_key("keepapart.other_id", index=True)


class StaysWith(SQLModel, table=True):
    """Two registrations that belong together. Named once, it binds both."""

    __table_args__ = WITHOUT_ORDER

    registration_id: str = pseudonym_key("stayswith.registration_id")
    other_id: str = pseudonym_key("stayswith.other_id", index=True)
