"""Registrations of clients who need a place: create, read, change, close."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from litestar import Response
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import Field

from api.http import methods
from api.http.context import Acts, Output, RequestActs, Versioned
from api.http.field_types import REQUIRED, with_default
from api.http.operations import get, patch, post
from api.http.paging import DayAsked, Limit, Offset
from api.http.response_formats import FILES, FormAsked
from api.v1.all_faults import complete
from api.v1.case_files import case_list
from api.v1.entitlements import EntitlementOut, entitlement_on, serialize_entitlement
from api.v1.proposals import BrokenOut
from api.v1.registration_input import ClosingIn, RegistrationIn, RegistrationPatch, SearchIn
from api.v1.requests import RequestOut, serialize_open
from api.v1.waiting_decision import WaitingDecisionOut, waiting_decision
from placement.access import scoped_queries
from placement.access.permissions import Permission
from placement.core.codes import Registrant, RegistrationStatus, ResidenceBasis
from placement.core.context import Act
from placement.core.errors import Fault
from placement.core.ids import CODE_PATTERN
from placement.core.need_codes import WaitObstacle
from placement.crypto.encrypted_columns import is_readable
from placement.exchange.case_lists import MOST_ROWS, Listed
from placement.placements.proposals import presentation, proposals
from placement.placements.stays import fact_changes
from placement.registrations import (
    case_rows,
    inference_guard,
    reads,
    registrations,
    related_cases,
    reopening,
    responsible_areas,
    returns,
)
from placement.registrations.case_list import called_page, case_page, listed
from placement.registrations.household import age_on, is_minor
from placement.registrations.next_look import next_look_at
from placement.registrations.obstacles import noted
from placement.tables import RegisteredPerson, Registration
from placement.tables.facts import FACTS, Facts
from placement.tasks.task_views import record_look_at_case
from placement.text.catalogue import Language
from placement.text.labels import label

UrgencyAsked = Annotated[int | None, QueryParameter(ge=1, le=4, description="From 1 (tonight) to 4 (can wait).")]
AreaAsked = Annotated[
    str | None, QueryParameter(min_length=1, max_length=40, pattern=CODE_PATTERN, description="Code of a care area.")
]
DaysAsked = Annotated[int | None, QueryParameter(ge=0, le=3650, description="Who has waited at least this many days.")]
_OF_CASE = FACTS.keys() | {
    "id",
    "status",
    "waits_since",
    "taken_over_on",
    "version",
    "closed_reason",
}


class PersonOut(Output):
    gender: str
    age: int | None
    presumed: str | None = Field(description="adult or minor, if the age is not known.")
    adult_on: date | None = Field(description="Only for a minor: the day of turning 18.")
    housed_as: str | None = Field(description="The gender by which a place is sought, if it differs.")
    guardian: bool


class PointOut(Output):
    place: str | None
    lat: float
    lon: float


class ThreatOut(PointOut):
    min_km: int


class ReachOut(PointOut):
    max_km: int


class AvoidedOut(Output):
    id: str
    kind: str
    target: str
    reason: str
    since: datetime
    set_by: str


class LatestOut(Output):
    """The last proposal for this client. `read_proposal` returns its content."""

    id: str
    status: str
    made_at: datetime
    unit: str | None


class RegistrationRow(Output):
    id: str
    status: str
    region: str = Field(description="The code of the care area.")
    area_name: str
    registrant: str | None = Field(description="Null, as `needed_by` and `persons`, if the key of the case is missing.")
    urgency: int
    waits_since: datetime
    taken_over_on: date | None = Field(
        description="The day of entering a client who lived in a shelter, or waited, before the service was used."
    )
    needed_by: date | None
    persons: int | None
    version: int


@with_default(REQUIRED)
class RegistrationOut(Versioned, Facts, RegistrationRow):
    registrant: Registrant | None  # type: ignore[assignment]
    residence_basis: ResidenceBasis | None = Field(  # type: ignore[assignment]
        description="Null, as all facts are null or empty, in the answer to closing a case whose key is missing."
    )
    needed_by: date | None  # type: ignore[assignment]
    persons: list[PersonOut]  # type: ignore[assignment]  # a row only counts them
    place_names: dict[str, str] = Field(description="The names of area, municipality and unit, by field.")
    entitlement: EntitlementOut
    threats: list[ThreatOut]
    near: PointOut | None
    reach: list[ReachOut]
    avoided: list[AvoidedOut]
    keep_apart: list[str] = Field(description="References of the registrations that you may see.")
    stay_with: list[str] = Field(description="References of the registrations that you may see.")
    desk_finds_place: bool = Field(
        description="true: kept apart from, or with, a client whom you may not see: the placement desk finds the place."
    )
    closed_reason: str | None
    closing_reversible_until: datetime | None = Field(
        description="The time until which a closing by hand can be reversed."
    )
    returns: str | None = Field(description="The closed case that this case continues; null after that is anonymous.")
    erased: list[str] = Field(
        description="The facts that were erased since the case was closed, or from the case before the client "
        "returned: they are empty here and must be asked again."
    )
    missing: bool = Field(description="true: the client, or a person of the household, is missing; see `whereabouts`.")
    lives_against: list[BrokenOut] = Field(
        description="The hard rules that the place breaks today and did not break at the arrival; for a client who "
        "was taken over, all that it breaks. Only those that you may see."
    )
    request: RequestOut | None = Field(description="The request for which a place is sought or kept now.")
    obstacle: WaitObstacle | None = Field(description="What stands in the way of a place, as a person noted it.")
    next_look_at: datetime | None = Field(
        description="The latest time at which a place is sought again, then a task; null: no place is sought."
    )
    proposal: LatestOut | None
    decision: WaitingDecisionOut | None = Field(
        description="The decision that waits for a second person, or was carried out before the desk agreed."
    )


class RegistrationPage(Output):
    items: list[RegistrationRow]
    total: int


@methods.get("/registrations", summary="List registrations", permission=Permission.REGISTRATIONS_READ, also_as=FILES)
def list_registrations(  # noqa: PLR0917  (each is a filter)
    acts: RequestActs,
    status: FromQuery[RegistrationStatus | None] = None,
    region: AreaAsked = None,
    limit: Limit = 50,
    offset: Offset = 0,
    urgency: UrgencyAsked = None,
    waited_days: DaysAsked = None,
    format: FormAsked = None,
) -> Response[RegistrationPage]:
    """List the registrations that you may see: the most urgent first, and then those that have waited longest.

    A file contains all these registrations without paging: reference, scheme, urgency, days and state.
    """

    def read(act: Act, whole: bool) -> tuple[RegistrationPage, list[Listed]]:
        paging = (MOST_ROWS, 0) if whole else (limit, offset)
        found = case_page(act, status, region, *paging, briefs=False, urgency=urgency, waited_days=waited_days)
        said = {one: label("RegistrationStatus", one, acts.language) for one in RegistrationStatus}
        rows = [Listed(one.id, one.urgency, one.waits_since, said[one.status]) for one in found.items]
        return RegistrationPage.of(found), rows

    return case_list(acts, "registrations", format, read)


@post(
    "/registrations/search",
    summary="Search registrations by handle, reference or alias",
    permission=Permission.REGISTRATION_SEARCH,
    told_once=True,
)
def search_registrations(act: Act, data: JSONBody[SearchIn]) -> RegistrationPage:
    """Find registrations by reference, handle or alias, among those that you may see. The words are sent in the body,
    because URLs are logged.
    """
    return RegistrationPage.of(called_page(act, data.said, briefs=False))


def tell_of_new(acts: Acts, ids: Mapping[str, str], facts: Mapping[str, object]) -> None:  # noqa: ARG001 - as of any route
    complete(RegistrationIn, facts, lambda rest: acts.run(lambda act: faults_of(act, _opened(rest, facts))))


def tell_of_change(acts: Acts, ids: Mapping[str, str], facts: Mapping[str, object]) -> None:
    complete(RegistrationPatch, facts, lambda rest: acts.run(lambda act: faults_of(act, rest, ids["registration_id"])))


def _opened(rest: RegistrationPatch, facts: Mapping[str, object]) -> RegistrationPatch:
    """Returns the input with `open` true, the default of a new registration, unless it was sent as false."""
    return rest.model_copy(update={"open": facts.get("open") is not False})


@post(
    "/registrations",
    summary="Register a client",
    permission=Permission.REGISTRATION_CHANGE,
    all_faults=tell_of_new,
    status_code=201,
)
def create_registration(act: Act, data: JSONBody[RegistrationIn], language: Language) -> RegistrationOut:
    """Register a client. The answer contains the open schemes and their grounds."""
    made = registrations.register(act, data.case(), draft=not data.open)
    return serialize_registration(act, made, language)


@get("/registrations/{registration_id:str}", summary="Read a registration", permission=Permission.REGISTRATION_READ)
def read_registration(act: Act, registration_id: FromPath[str], language: Language) -> RegistrationOut:
    """Read a registration in full. No other answer contains its danger points."""
    return serialize_registration(act, record_look_at_case(act, reads.registration(act, registration_id)), language)


@get(
    "/registrations/{registration_id:str}/entitlement",
    summary="Read the open schemes of a registration on a day",
    permission=Permission.REGISTRATION_READ,
)
def read_entitlement(
    act: Act, registration_id: FromPath[str], language: Language, as_of: DayAsked = None
) -> EntitlementOut:
    """Read the schemes that the rules of a day open to a registration with its present facts, and the grounds."""
    return entitlement_on(act, registration_id, as_of or act.day, language)


@patch(
    "/registrations/{registration_id:str}",
    summary="Change a registration",
    permission=Permission.REGISTRATION_CHANGE,
    all_faults=tell_of_change,
)
def change_registration(
    act: Act, registration_id: FromPath[str], version: int, data: JSONBody[RegistrationPatch], language: Language
) -> RegistrationOut:
    """Change the given fields. `If-Match`: the version that you read. In a closed case only `restriction` can be
    changed. If the client has a place, the rules are checked for this place at once.
    """
    changed = fact_changes.change(
        act, registration_id, version, data.case(), open_it=bool(data.open), confirm=data.confirm, **data.why()
    )
    return serialize_registration(act, changed, language)


def faults_of(act: Act, data: RegistrationPatch, registration_id: str | None = None) -> Sequence[Fault]:
    """Returns all faults of an input, for a new or an existing case. Changes nothing."""
    if registration_id is None:
        return registrations.faults_of(act, data.case(), draft=not data.open)
    return fact_changes.faults_of(act, registration_id, data.case(), open_it=bool(data.open), **data.why())


def as_it_is(act: Act, registration_id: str, language: Language) -> RegistrationOut:
    """Returns a case before its change. Writes no audit event: that of the change is enough. Does not lock the case,
    because the change must lock the shelter first. If another user changes the case in between, this change is refused.
    """
    found = scoped_queries.registration_of(act.session, act.actor, registration_id)
    return serialize_registration(act, found, language)


@post(
    "/registrations/{registration_id:str}/close",
    summary="Close a registration",
    permission=Permission.REGISTRATION_CLOSE,
)
def close_registration(
    act: Act, registration_id: FromPath[str], data: JSONBody[ClosingIn], language: Language
) -> RegistrationOut:
    """Close a draft or open registration, with a coded reason."""
    closed = registrations.close(act, registration_id, data.reason)
    return serialize_registration(act, closed, language) if is_readable(closed.content) else _unread(act, closed)


@post(
    "/registrations/{registration_id:str}/close/reversal",
    summary="Reverse the closing of a registration",
    permission=Permission.REGISTRATION_CLOSE,
)
def reverse_closing(act: Act, registration_id: FromPath[str], language: Language) -> RegistrationOut:
    """Reverse, within three days, the closing of a case by a person. The case is open again, with its waiting time.

    If a place was kept for the client, a new place is sought. Everybody who was notified of the closing is notified of
    the reversal.
    """
    return serialize_registration(act, reopening.reverse_closing(act, registration_id), language)


@post(
    "/registrations/{registration_id:str}/avoided/{avoidance_id:str}/lift",
    summary="Lift an avoidance",
    permission=Permission.AVOIDANCE_LIFT,
)
def lift_avoidance(
    act: Act, registration_id: FromPath[str], avoidance_id: FromPath[str], language: Language
) -> RegistrationOut:
    """Lift an avoidance, so that the client can be placed there again."""
    return serialize_registration(act, registrations.lift_avoidance(act, registration_id, avoidance_id), language)


def serialize_rows(act: Act, rows: Sequence[Registration]) -> list[RegistrationRow]:
    return [RegistrationRow.of(row) for row in listed(act, rows, briefs=False)]


def serialize_registration(act: Act, registration: Registration, language: Language) -> RegistrationOut:
    case_rows.require_readable(registration)
    persons, named = registration.persons, related_cases.named_by(act, registration.id)
    latest = proposals.newest_of(act, registration)
    named_places = responsible_areas.names_of(act, registration)
    more: dict[str, Any] = {"area_name": named_places["region"], "place_names": named_places}
    return RegistrationOut(
        proposal=None if latest is None else LatestOut.of(latest),
        request=serialize_open(act, registration),
        obstacle=noted(registration, act.day),
        next_look_at=next_look_at(act, registration),
        decision=waiting_decision(act, registration),
        persons=[serialize_person(person, act.day) for person in persons],
        entitlement=serialize_entitlement(act, registration, persons, act.day, language),
        threats=[ThreatOut(min_km=threat.min_km, **threat.point) for threat in registration.threats],
        avoided=[AvoidedOut.of(row) for row in case_rows.active_avoidances(act, registration.id)],
        reach=[ReachOut(max_km=one.max_km, **one.point) for one in registration.reach],
        keep_apart=named.keep_apart,
        stay_with=named.stay_with,
        desk_finds_place=inference_guard.desk_finds_place(act, registration.id),
        missing=registration.is_searched_for,
        lives_against=against_rules(act, registration, language),
        closing_reversible_until=reopening.reversible_until(act, registration),
        returns=returns.earlier_of(act, registration),
        erased=list(returns.erased_of(act, registration)),
        **registration.facts(_OF_CASE),
        **more,
    )


def _unread(act: Act, registration: Registration) -> RegistrationOut:
    """Returns a case whose key is missing, with only those facts that are not encrypted."""
    [row] = serialize_rows(act, [registration])
    told: dict[str, Any] = {
        name: None if field.is_required() else field.get_default() for name, field in Facts.model_fields.items()
    }
    told |= row.model_dump() | {"closed_reason": registration.closed_reason, "place_names": {"region": row.area_name}}
    absent = ("alias", "near", "returns", "request", "proposal", "decision", "closing_reversible_until", "next_look_at")
    told |= dict.fromkeys((*absent, "obstacle"))
    empty = ("persons", "threats", "reach", "avoided", "keep_apart", "stay_with", "lives_against", "erased")
    told |= {name: [] for name in empty}
    entitlement = EntitlementOut(
        schemes=[],
        rule="no_rule",
        ground="",
        source="",
        since=None,
        until=None,
        assumed=False,
        words="",
        question=None,
        elsewhere=False,
        partner=None,
    )
    return RegistrationOut(**told, desk_finds_place=False, missing=False, entitlement=entitlement)


def serialize_person(person: RegisteredPerson, day: date) -> PersonOut:
    adult_on = person.adult_on if is_minor(person, day) else None
    return PersonOut.of(person, age=age_on(person, day), adult_on=adult_on)


def against_rules(act: Act, registration: Registration, language: Language) -> list[BrokenOut]:
    """Returns the rules that the client's place breaks today, in words for this reader."""
    broken = presentation.against_rules(act, registration, language)
    return [BrokenOut(rule=one.rule, facts=dict(one.facts), words=one.words) for one in broken]
