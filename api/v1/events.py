"""Events that bring many clients at once: the event, its members, and the number of beds tonight."""

from collections.abc import Sequence
from datetime import date

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output, Versioned
from api.http.field_types import CaseSaid, Code, Day
from api.http.operations import get, patch, post
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Gender, Registrant, RegistrationStatus, ResidenceBasis, Scheme, Urgency
from placement.core.consent_codes import SharingGround, SharingSaidBy
from placement.core.context import Act
from placement.core.event_codes import MOST_MEMBERS, EventKind, EventStatus
from placement.core.place_codes import RegisterKind
from placement.events import evacuations, events, grid, members, temporary_places
from placement.events.beds import beds_tonight
from placement.events.events import EventInput
from placement.events.grid import TypedRow
from placement.events.temporary_places import MOST_ROOMS, RoomsInput, TemporaryPlace
from placement.registrations.case_list import listed
from placement.tables import EventMember, MassEvent
from placement.tables.event import Forecast, SharedDanger, SharedFacts
from placement.text.catalogue import Language
from placement.text.messages import say


class SharedDangerIn(Input):
    place: str = Field(min_length=1, max_length=100, description="A place in the Netherlands by name.")
    min_km: int | None = Field(None, ge=1, le=400, description="Null: the distance of the rule of the day.")


class SharedFactsIn(Input):
    """Facts that all members share. A member's own values take precedence; a member's own dangers are added."""

    registrant: Registrant = Registrant.OVERIG
    registrant_unit: str | None = Field(None, max_length=40)
    region: Code | None = None
    residence_basis: ResidenceBasis = ResidenceBasis.UNKNOWN
    languages: list[Code] = Field([], max_length=20)
    language_required: bool = True
    dangers: list[SharedDangerIn] = Field([], max_length=20)
    sharing_ground: SharingGround | None = None
    sharing_said_by: SharingSaidBy | None = None
    urgency: int = Field(2, ge=1, le=4)


class ForecastIn(Input):
    """The expected number of persons, before names are known. It reserves no beds."""

    women: int = Field(0, ge=0, le=MOST_MEMBERS)
    men: int = Field(0, ge=0, le=MOST_MEMBERS)
    children: int = Field(0, ge=0, le=MOST_MEMBERS)


class EventIn(Input):
    name: str = Field(min_length=1, max_length=100, description="Never the name of a person.")
    kind: EventKind
    day: Day
    leader: Code | None = Field(None, description="The account that leads it; null: its maker.")
    keep_from: Day | None = Field(None, description="From when beds are kept; null: five days before the day.")
    shared: SharedFactsIn = Field(default_factory=SharedFactsIn)
    forecast: ForecastIn = Field(default_factory=ForecastIn)

    def word(self) -> EventInput:
        shared = SharedFacts(
            **self.shared.model_dump(exclude={"dangers"}),
            dangers=[SharedDanger(place=one.place, min_km=one.min_km) for one in self.shared.dangers],
        )
        return EventInput(
            self.name, self.kind, self.day, self.leader, self.keep_from, shared, Forecast(**self.forecast.model_dump())
        )


class TypedRowIn(Input):
    """A typed row of members. A row without `id` is new. An empty row with `id` deletes that row if unregistered."""

    id: Code | None = None
    version: int | None = None
    cells: dict[str, str] = Field(max_length=20, description="Texts by column, as a person writes them.")


class MembersIn(Input):
    rows: list[TypedRowIn] = Field([], max_length=MOST_MEMBERS)
    pasted: str = Field("", max_length=100_000, description="Rows of a spreadsheet: cells between tabs.")

    def typed(self) -> list[TypedRow]:
        return [TypedRow(row.cells, row.id, row.version) for row in self.rows] + grid.pasted_rows(self.pasted)


class EventCasesIn(Input):
    registrations: list[CaseSaid] = Field(min_length=1, max_length=MOST_MEMBERS)


class RoomsIn(Input):
    """Rooms of a kind: how many, and the beds in each."""

    rooms: int = Field(ge=1, le=MOST_ROOMS)
    beds: int = Field(ge=1, le=20)


class TemporaryPlaceIn(Input):
    """A place for some weeks, such as a hotel, and the call in which it was offered."""

    name: str = Field(min_length=1, max_length=100)
    place: str = Field(min_length=1, max_length=100, description="A place in the Netherlands by name.")
    telephone: str = Field(max_length=40)
    from_on: Day = Field(description="The first night. Until then its beds are counted as not free yet.")
    until: Day = Field(description="The last day. Until then it takes clients, and a proposal names the day.")
    rooms: list[RoomsIn] = Field(min_length=1, max_length=20)
    told_role: str = Field(max_length=100, description="The role of the person who offered the rooms.")
    told_name: str = Field(max_length=100)
    admits: list[Gender] = Field(list(Gender), max_length=3)
    children: bool = True
    scheme: Scheme = Scheme.CRISIS

    def word(self) -> TemporaryPlace:
        rooms = [RoomsInput(one.rooms, one.beds) for one in self.rooms]
        values = self.model_dump(exclude={"rooms", "place"})
        return TemporaryPlace(where=self.place, rooms=rooms, **values)


class BedsTonightOut(Output):
    """Numbers of persons. They count only the members that you may see."""

    persons: int
    with_bed: int = Field(description="They have a bed tonight: they live in it, or the shelter confirmed it.")
    asked: int = Field(description="A bed is kept, and the shelter has not answered yet.")
    without: int
    expected: int = Field(description="The forecast.")


class EventRow(Output):
    id: str
    name: str
    kind: EventKind
    status: EventStatus
    day: date
    keep_from: date
    beds: BedsTonightOut


class EventListOut(Output):
    items: list[EventRow] = Field(description="Live events first, by day.")


class SharedDangerOut(Output):
    place: str
    min_km: int | None


class SharedFactsOut(Output):
    registrant: Registrant
    registrant_unit: str | None
    region: str | None
    residence_basis: ResidenceBasis
    languages: list[str]
    language_required: bool
    dangers: list[SharedDangerOut]
    sharing_ground: SharingGround | None
    sharing_said_by: SharingSaidBy | None
    urgency: Urgency


class ForecastOut(Output):
    women: int
    men: int
    children: int


class LeftPlaceOut(Output):
    kind: RegisterKind
    id: str


class ClosingPlaceOut(Output):
    """A place that is closing, with the number of residents who are not members of the event yet."""

    kind: RegisterKind
    id: str
    name: str
    closes_on: date | None
    residents: int


class EventOut(Versioned, EventRow):
    leader: str
    made_by: str
    keeps_beds: bool = Field(description="Whether beds are kept for the members today.")
    shared: SharedFactsOut
    forecast: ForecastOut
    shelters: list[str] = Field(description="The temporary shelters that were made for the event.")
    left: LeftPlaceOut | None = Field(description="The place that an evacuation empties.")
    closing: list[ClosingPlaceOut] = Field(description="For the desk: places whose residents can become members.")
    people: People


class CellFaultOut(Output):
    column: str = Field(description="Empty: the whole row.")
    code: str
    detail: str


class MemberOut(Versioned, Output):
    """A member of an event: a typed row, or a registered case."""

    id: str
    household: str
    cells: dict[str, str] = Field(description="The typed texts, until the household is registered.")
    faults: list[CellFaultOut]
    vehicle: str | None
    registration: str | None
    status: RegistrationStatus | None
    persons: int | None = Field(description="Of the case.")


class MembersOut(Output):
    items: list[MemberOut]
    columns: list[str]
    passed: list[str] = Field([], description="Rows that somebody else changed or registered meanwhile: not stored.")
    registered: int = Field(0, description="How many households were registered now.")


@get("/events", summary="List events", permission=Permission.EVENT_READ)
def list_events(act: Act) -> EventListOut:
    """List the events that you see. A coordinator sees those with a member of their own region."""
    return EventListOut(items=[EventRow(**_row(act, one)) for one in events.listed(act)])


@post("/events", summary="Make an event", permission=Permission.EVENT_CHANGE, status_code=201)
def make_event(act: Act, data: JSONBody[EventIn]) -> EventOut:
    """Make a planned event. It reserves no beds before `keep_from`."""
    return event_out(act, events.make(act, data.word()))


@get("/events/{event_id:str}", summary="Read an event", permission=Permission.EVENT_READ)
def read_event(act: Act, event_id: FromPath[str]) -> EventOut:
    """Read an event, and how many of its persons have a bed tonight."""
    return event_out(act, events.event_of(act, event_id))


@patch("/events/{event_id:str}", summary="Change an event", permission=Permission.EVENT_CHANGE)
def change_event(act: Act, event_id: FromPath[str], data: JSONBody[EventIn], version: int) -> EventOut:
    """Replace the facts of an event. `If-Match`: the version that you read. Registered members keep their facts."""
    return event_out(act, events.change(act, event_id, version, data.word()))


@post("/events/{event_id:str}/begin", summary="Set an event under way", permission=Permission.EVENT_CHANGE)
def begin_event(act: Act, event_id: FromPath[str]) -> EventOut:
    """Begin a planned event: from now on its beds are kept."""
    return event_out(act, events.start(act, event_id))


@post("/events/{event_id:str}/finish", summary="End an event", permission=Permission.EVENT_CHANGE)
def finish_event(act: Act, event_id: FromPath[str]) -> EventOut:
    """End an event. Its members stay ordinary cases."""
    return event_out(act, events.finish(act, event_id))


@get("/events/{event_id:str}/members", summary="List the members of an event", permission=Permission.EVENT_READ)
def list_members(act: Act, event_id: FromPath[str], language: Language) -> MembersOut:
    """List the typed rows with the faults of their cells, and the cases that were registered from them."""
    return members_out(act, event_id, language)


@post("/events/{event_id:str}/members", summary="Store rows of members", permission=Permission.EVENT_CHANGE)
def save_members(act: Act, event_id: FromPath[str], data: JSONBody[MembersIn], language: Language) -> MembersOut:
    """Store rows as they were typed or pasted, even with faults. A household with a fault cannot be registered yet."""
    passed = grid.save_rows(act, event_id, data.typed(), language)
    return members_out(act, event_id, language, passed=passed)


@post(
    "/events/{event_id:str}/members/register",
    summary="Register the members of an event",
    permission=Permission.EVENT_CHANGE,
)
def register_members(act: Act, event_id: FromPath[str], language: Language) -> MembersOut:
    """Register each household without faults as an ordinary case. Rows with faults stay unregistered."""
    made = grid.register_members(act, event_id, language)
    return members_out(act, event_id, language, registered=made)


@post(
    "/events/{event_id:str}/members/{member_id:str}/remove",
    summary="Remove a member of an event",
    permission=Permission.EVENT_CHANGE,
)
def remove_member(act: Act, event_id: FromPath[str], member_id: FromPath[str], language: Language) -> MembersOut:
    """Remove a row from an event. A registered case stays as it is."""
    members.remove(act, event_id, member_id)
    return members_out(act, event_id, language)


@post("/events/{event_id:str}/cases", summary="Add cases to an event", permission=Permission.EVENT_CHANGE)
def add_event_cases(act: Act, event_id: FromPath[str], data: JSONBody[EventCasesIn], language: Language) -> MembersOut:
    """Add existing cases, such as the clients of a shelter that closes. Cases that are already members are left out."""
    members.add_cases(act, event_id, data.registrations)
    return members_out(act, event_id, language)


@post("/events/{event_id:str}/places", summary="Make a temporary place", permission=Permission.EVENT_CHANGE)
def make_temporary_place(act: Act, event_id: FromPath[str], data: JSONBody[TemporaryPlaceIn]) -> EventOut:
    """Make a temporary place, such as a hotel, with rooms, telephone number and first count. Clients can be placed
    there at once; it answers by telephone.
    """
    temporary_places.make_place(act, event_id, data.word())
    return event_out(act, events.event_of(act, event_id))


def event_out(act: Act, event: MassEvent) -> EventOut:
    said = event.content
    audit_log.write(act, Event.EVENT_READ, subject=event.id)
    return EventOut(
        **_row(act, event),
        version=event.version,
        leader=said.leader,
        made_by=said.made_by,
        keeps_beds=events.keeps_beds(event, act.day),
        shared=SharedFactsOut.of(said.shared),
        forecast=ForecastOut.of(said.forecast),
        shelters=list(said.shelters),
        left=None if said.left is None else LeftPlaceOut.of(said.left),
        closing=[ClosingPlaceOut.of(one) for one in _closing(act, event)],
        people=people_of(act, [said.leader, said.made_by]),
    )


def _closing(act: Act, event: MassEvent) -> Sequence[evacuations.ClosingPlace]:
    is_open = event.status is not EventStatus.DONE and Permission.EVENT_CHANGE.is_of(act.actor)
    return evacuations.closing_places(act, event) if is_open else ()


def members_out(
    act: Act, event_id: str, language: Language, passed: list[str] | None = None, registered: int = 0
) -> MembersOut:
    event = events.event_of(act, event_id)
    cases = {one.id: one for one in listed(act, members.registrations_of(act, event), briefs=False)}
    audit_log.write(act, Event.EVENT_MEMBERS_LISTED, subject=event.id, shown=list(cases), found=len(cases))

    def out(row: EventMember) -> MemberOut:
        case = cases.get(row.registration_id or "")
        return MemberOut(
            id=row.id,
            version=row.version,
            household=row.content.household,
            cells=row.content.cells,
            faults=[
                CellFaultOut(column=one.column, code=one.code, detail=say(one.code, one.facts, language))
                for one in row.content.faults
            ],
            vehicle=row.content.vehicle,
            registration=row.registration_id,
            status=case and case.status,
            persons=case and case.persons,
        )

    return MembersOut(
        items=[out(row) for row in events.member_rows(act, event)],
        columns=[column.name for column in grid.MEMBERS.columns],
        passed=passed or [],
        registered=registered,
    )


def _row(act: Act, event: MassEvent) -> dict[str, object]:
    said = event.content
    return {
        "id": event.id,
        "name": said.name,
        "kind": said.kind,
        "status": event.status,
        "day": said.day,
        "keep_from": said.keep_from,
        "beds": BedsTonightOut.of(beds_tonight(act, event)),
    }
