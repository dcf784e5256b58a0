"""Who needs a place: registered, read, changed, closed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from litestar import Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import Field

from api.acts import Acts, Input, Output
from api.fields import LEFT_OUT, Code, Day
from api.paging import Limit, Offset
from placement import fences, naming, proposing, queries, reading, registering
from placement.acting import Act
from placement.permissions import Permission
from placement.registering import AvoidedWord, PersonWord, PointWord, ThreatWord
from placement.rooms import age_on
from placement.snapshot import entitlement_of
from placement.tables import Registration
from placement.vocabulary import (
    AvoidedKind,
    Gender,
    LanguageLevel,
    Region,
    Registrant,
    RegistrationStatus,
    ResidenceBasis,
    RoomFeature,
    Specialism,
)
from placement.words import Language


class PersonIn(Input):
    gender: Gender
    age: int = Field(ge=0, le=120, description="In completed years; a date of birth is not stored.")


class LanguageIn(Input):
    code: Code = Field(description="BCP 47, such as ti, ar, nl.")
    level: LanguageLevel


class PointIn(Input):
    """A Dutch place by name, or a point in degrees."""

    place: str | None = Field(None, max_length=100)
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)

    def word(self) -> PointWord:
        return PointWord(self.place, self.lat, self.lon)


class ThreatIn(PointIn):
    """A danger point, and the smallest distance to it that is safe."""

    min_km: int = Field(50, ge=1, le=400, description="50 km where nothing is said (assumed).")


class AvoidedIn(Input):
    kind: AvoidedKind
    target: Code = Field(description="A region's code, or the id of a location, provider or unit.")


class RegistrationPatch(Input):
    """What changes; what is left out stays, and only `alias` and `near` can be emptied with null.

    `avoided` adds: to lift one, see its own route.
    """

    region: Region = LEFT_OUT
    registrant: Registrant = LEFT_OUT
    residence_basis: ResidenceBasis = LEFT_OUT
    persons: list[PersonIn] = Field(LEFT_OUT, min_length=1, max_length=20)
    alias: str | None = Field(None, max_length=100, description="Never a real name. Stored encrypted.")
    multiple_problems: bool = LEFT_OUT
    urgency: int = Field(LEFT_OUT, ge=1, le=4, description="1 tonight, 2 within days, 3 this week, 4 can wait.")
    needed_by: Day = LEFT_OUT
    languages: list[LanguageIn] = Field(LEFT_OUT, max_length=20)
    language_required: bool = LEFT_OUT
    needs: list[Specialism] = Field(LEFT_OUT, max_length=20)
    preferred_needs: list[Specialism] = Field(LEFT_OUT, max_length=20)
    room_needs: list[RoomFeature] = Field(LEFT_OUT, max_length=20)
    private_room: bool = LEFT_OUT
    accepts_mixed: bool = LEFT_OUT
    high_care: bool = LEFT_OUT
    threats: list[ThreatIn] = Field(LEFT_OUT, max_length=20)
    near: PointIn | None = None
    avoided: list[AvoidedIn] = Field(LEFT_OUT, max_length=50)
    keep_apart: list[Code] = Field(LEFT_OUT, max_length=50, description="References of other registrations.")
    open: bool = Field(LEFT_OUT, description="true: a draft is open from now on.")

    def facts(self) -> dict[str, Any]:
        """Columns of `Registration` by name: what was given, in plain values; without a point `near` is emptied."""
        given = self.model_fields_set & (_COLUMNS | _LISTS)
        plain = self.model_dump(mode="json", include=_LISTS)
        facts = {name: plain[name] if name in _LISTS else getattr(self, name) for name in given}
        return facts | {"near": None} if self.near is None and "near" in self.model_fields_set else facts

    def parts(self) -> dict[str, Any]:
        """What is stored in tables of its own: what was given, in the domain's words."""
        words: dict[str, Callable[[], Any]] = {
            "persons": lambda: [PersonWord(person.gender, person.age) for person in self.persons],
            "threats": lambda: [ThreatWord(threat.word(), threat.min_km) for threat in self.threats],
            "near": lambda: self.near and self.near.word(),
            "avoided": lambda: [AvoidedWord(word.kind, word.target) for word in self.avoided],
            "keep_apart": lambda: self.keep_apart,
        }
        return {name: word() for name, word in words.items() if name in self.model_fields_set}


class RegistrationIn(RegistrationPatch):
    region: Region
    registrant: Registrant
    residence_basis: ResidenceBasis
    persons: list[PersonIn] = Field(min_length=1, max_length=20)
    open: bool = Field(default=True, description="false: a draft.")


UrgencyAsked = Annotated[int | None, QueryParameter(ge=1, le=4, description="1 tonight, 4 can wait.")]
DaysAsked = Annotated[int | None, QueryParameter(ge=0, le=3650, description="Who has waited this many days or more.")]
_MOST_FOUND = 50
_LISTS = {"languages", "needs", "preferred_needs", "room_needs"}
_COLUMNS = {
    "region",
    "registrant",
    "residence_basis",
    "alias",
    "multiple_problems",
    "urgency",
    "needed_by",
    "language_required",
    "private_room",
    "accepts_mixed",
    "high_care",
}


class SearchIn(Input):
    alias: str = Field(min_length=1, max_length=100, description="Whole; capitals and spaces do not matter.")


class ClosingIn(Input):
    reason: Code | None = Field(None, description="A coded reason of the step `close`; see /api/v1/vocabulary.")


class LanguageOut(Output):
    code: str
    level: str


class EntitlementOut(Output):
    """Which schemes are open, the most fitting first, and on what ground. Empty: another door, which `words` names."""

    schemes: list[str]
    rule: str
    ground: str
    since: date | None
    assumed: bool
    words: str


class PersonOut(Output):
    gender: str
    age: int


class PointOut(Output):
    place: str | None
    lat: float
    lon: float


class ThreatOut(PointOut):
    min_km: int


class AvoidedOut(Output):
    id: str
    kind: str
    target: str
    reason: str
    since: datetime
    set_by: str


class LatestOut(Output):
    """The proposal that was made last for her; its content has its own route."""

    id: str
    status: str
    made_at: datetime
    unit: str | None


class WaitingDecisionOut(Output):
    """A place was chosen, somebody has to agree, and its beds are kept meanwhile."""

    id: str
    status: str = Field(description="waiting_for_desk, waiting_for_second or waiting_for_shelter")
    place: str
    since: datetime
    until: datetime
    decided_by: str


class RegistrationRow(Output):
    id: str
    status: str
    region: str
    registrant: str
    urgency: int
    waits_since: datetime
    needed_by: date
    persons: int
    version: int


class RegistrationOut(RegistrationRow):
    persons: list[PersonOut]  # type: ignore[assignment]  # a row only counts them
    alias: str | None
    residence_basis: str
    entitlement: EntitlementOut
    multiple_problems: bool
    languages: list[LanguageOut]
    language_required: bool
    needs: list[str]
    preferred_needs: list[str]
    room_needs: list[str]
    private_room: bool
    accepts_mixed: bool
    high_care: bool
    threats: list[ThreatOut]
    near: PointOut | None
    avoided: list[AvoidedOut]
    keep_apart: list[str] = Field(description="References, as far as you may see them.")
    desk_finds_place: bool = Field(
        description="She must be kept apart from somebody whom you may not see: the placement desk finds the place."
    )
    closed_reason: str | None
    proposal: LatestOut | None
    decision: WaitingDecisionOut | None = Field(description="The decision that waits for somebody to agree.")

    def etag(self) -> str:
        return str(self.version)


class RegistrationPage(Output):
    items: list[RegistrationRow]
    total: int


@get("/registrations", permission=Permission.REGISTRATIONS_READ, sync_to_thread=True)
def list_registrations(  # noqa: PLR0917  (each is a filter)
    acts: NamedDependency[Acts],
    status: FromQuery[RegistrationStatus | None] = None,
    region: FromQuery[Region | None] = None,
    limit: Limit = 50,
    offset: Offset = 0,
    urgency: UrgencyAsked = None,
    waited_days: DaysAsked = None,
) -> Response[RegistrationPage]:
    """The registrations that you may see, the most urgent first, then those who have waited longest."""

    def tell(act: Act) -> RegistrationPage:
        rows, total = reading.registrations(
            act, status, region, limit, offset, urgency=urgency, waited_days=waited_days
        )
        return RegistrationPage(items=[_row(act, row) for row in rows], total=total)

    return acts.read(tell)


@post(
    "/registrations/search",
    permission=Permission.REGISTRATION_SEARCH,
    status_code=200,
    told_once=True,
    sync_to_thread=True,
)
def search_registrations(acts: NamedDependency[Acts], data: JSONBody[SearchIn]) -> Response[RegistrationPage]:
    """Find a registration by its alias, among those that you may see: an alias does not belong in an address."""

    def tell(act: Act) -> RegistrationPage:
        rows, total = reading.registrations_called(act, data.alias, _MOST_FOUND)
        return RegistrationPage(items=[_row(act, row) for row in rows], total=total)

    return acts.read(tell)


@post("/registrations", permission=Permission.REGISTRATION_CHANGE, status_code=201, sync_to_thread=True)
def register(acts: NamedDependency[Acts], data: JSONBody[RegistrationIn]) -> Response[RegistrationOut]:
    """Register somebody. The answer says which schemes are open, and on what ground."""
    return acts.write(
        lambda act: _told(
            act, registering.register(act, data.facts(), draft=not data.open, **data.parts()), acts.language
        ),
        status=201,
    )


@get("/registrations/{registration_id:str}", permission=Permission.REGISTRATION_READ, sync_to_thread=True)
def read_registration(acts: NamedDependency[Acts], registration_id: FromPath[str]) -> Response[RegistrationOut]:
    """One registration, whole. Its danger points are told here and nowhere else."""
    return acts.read(lambda act: _told(act, reading.registration(act, registration_id), acts.language))


@patch(
    "/registrations/{registration_id:str}",
    permission=Permission.REGISTRATION_CHANGE,
    versioned="needed",
    sync_to_thread=True,
)
def change_registration(
    acts: NamedDependency[Acts], registration_id: FromPath[str], data: JSONBody[RegistrationPatch]
) -> Response[RegistrationOut]:
    """Change what is given; `If-Match` names the version that you read."""

    def tell(act: Act) -> RegistrationOut:
        changed = registering.change(
            act, registration_id, acts.version(), data.facts(), open_it=bool(data.open), **data.parts()
        )
        return _told(act, changed, acts.language)

    return acts.write(tell)


@post(
    "/registrations/{registration_id:str}/close",
    permission=Permission.REGISTRATION_CHANGE,
    status_code=200,
    sync_to_thread=True,
)
def close_registration(
    acts: NamedDependency[Acts], registration_id: FromPath[str], data: JSONBody[ClosingIn]
) -> Response[RegistrationOut]:
    """Close a draft or open registration, with a coded reason."""
    return acts.write(lambda act: _told(act, registering.close(act, registration_id, data.reason), acts.language))


@post(
    "/registrations/{registration_id:str}/avoided/{avoidance_id:str}/lift",
    permission=Permission.REGISTRATION_CHANGE,
    status_code=200,
    sync_to_thread=True,
)
def lift_avoidance(
    acts: NamedDependency[Acts], registration_id: FromPath[str], avoidance_id: FromPath[str]
) -> Response[RegistrationOut]:
    """Let her go there again: somebody looked at it once more."""
    return acts.write(
        lambda act: _told(act, registering.lift_avoidance(act, registration_id, avoidance_id), acts.language)
    )


def _row(act: Act, registration: Registration) -> RegistrationRow:
    return RegistrationRow(
        persons=len(registering.persons_of(act, registration.id)),
        **registration.model_dump(include=set(RegistrationRow.model_fields) - {"persons"}),
    )


def _told(act: Act, registration: Registration, language: Language) -> RegistrationOut:
    if registration.status is not RegistrationStatus.CLOSED:
        registering.require_readable(act, registration)
    readable = registering.case_is_readable(act, registration)
    persons = registering.persons_of(act, registration.id)
    entitled = entitlement_of(registration, persons, act.day)
    plain = set(RegistrationOut.model_fields) - {
        "persons",
        "entitlement",
        "threats",
        "avoided",
        "keep_apart",
        "desk_finds_place",
        "proposal",
        "decision",
        *(() if readable else ("alias", "near")),
    }
    latest = proposing.newest_of(act, registration)
    return RegistrationOut(
        proposal=latest and LatestOut(id=latest.id, status=latest.status, made_at=latest.made_at, unit=latest.unit_id),
        decision=_waiting(act, registration),
        persons=[PersonOut(gender=person.gender, age=age_on(person, act.day)) for person in persons],
        entitlement=EntitlementOut(
            schemes=[scheme.value for scheme in entitled.schemes],
            rule=entitled.rule,
            ground=entitled.ground,
            since=entitled.since,
            assumed=entitled.assumed,
            words=entitled.nl if language == "nl" else entitled.en,
        ),
        threats=[
            ThreatOut(min_km=threat.min_km, **threat.point)
            for threat in (registering.threats_of(act, registration.id) if readable else ())
        ],
        avoided=[
            AvoidedOut.model_validate(row, from_attributes=True)
            for row in registering.standing_avoidances(act, registration.id)
        ],
        keep_apart=registering.kept_apart_from(act, registration.id),
        desk_finds_place=fences.desk_finds_place(act, registration.id),
        **registration.model_dump(include=plain),
        **({} if readable else {"alias": None, "near": None}),
    )


def _waiting(act: Act, registration: Registration) -> WaitingDecisionOut | None:
    """None, too, for who opened a case of another region: what is asked there is not told."""
    found = queries.decision_waiting_for(act.session, registration.id)
    if found is None or not queries.visible_registrations(act.session, act.actor, [registration.id]):
        return None
    decision, held = found
    return WaitingDecisionOut(
        id=decision.id,
        status=decision.status,
        place=naming.place_of(act.session, held.unit_id),
        since=decision.decided_at,
        until=held.expires_at,
        decided_by=decision.decided_by,
    )
