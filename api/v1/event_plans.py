"""The plan of an event: a place for each member, its effect on others, its acceptance, and the vehicles of the day."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from litestar import Response
from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http import methods
from api.http.connections import ActorRequest
from api.http.context import Acts, Input, Output, RequestActs
from api.http.field_types import Code
from api.http.operations import get, put
from api.http.work_kinds import Work
from api.v1.organisations import TelephonesOut, serialize_telephones
from api.v1.people import People, people_of
from placement.access import scoped_queries
from placement.access.permissions import Permission
from placement.accounts.organisations import telephones_of_shelters
from placement.capacity import place_names
from placement.core.consent_codes import Driver
from placement.core.context import Act
from placement.core.plan_codes import LineState, PlanKind
from placement.events import event_plans, plan_acceptance, plan_lines
from placement.events.event_plans import ChosenUnit, StoredPlan
from placement.events.plan_acceptance import Accepted
from placement.events.plan_lines import PlanLine, PlanView
from placement.solver.engine_process import Solver


class PlanIn(Input):
    kind: PlanKind | None = Field(None, description="The kind of plan; by default that of the last plan, else whole.")


class PlanLineIn(Input):
    unit: Code | None = Field(
        None, description="The unit for this member. The plan is solved again around it; null: the engine chooses."
    )
    reason: Code | None = Field(None, description="A coded reason of the step `override`, needed with a unit.")
    text: str | None = Field(None, max_length=2000)


class PlanChoiceOut(Output):
    unit: str
    place: str


class PlanChoicesOut(Output):
    """The units that can be chosen for a member without breaking a rule."""

    registration: str
    now: str | None = Field(description="The unit in the plan.")
    items: list[PlanChoiceOut]


class PlanAcceptanceIn(Input):
    registrations: list[Code] | None = Field(None, max_length=400, description="These members; null: every line.")
    shelter: Code | None = Field(None, description="Only the lines of this house.")


class VehicleIn(Input):
    registrations: list[Code] = Field(min_length=1, max_length=400)
    vehicle: str | None = Field(None, max_length=60, description="A free label, such as bus 1; null: no vehicle.")


class PlanPersonOut(Output):
    gender: str
    age: int | None
    group: str = Field(description="adult or minor.")


class PlanLineOut(Output):
    """A household of the event with its place."""

    registration: str
    persons: list[PlanPersonOut]
    urgency: int
    state: LineState = Field(description=f"One of: {', '.join(LineState)}.")
    unit: str | None
    place: str | None = Field(description="The unit and its shelter, by name.")
    hold: str | None
    chosen: bool = Field(description="A person chose the unit of this line.")
    changed: bool = Field(description="The case changed since the plan, so the line cannot be accepted.")
    breaks: list[str] = Field(description="Rules that the place breaks since facts of the client changed.")
    vehicle: str | None
    expires_at: datetime | None = Field(description="By when the house answers.")
    expected_at: datetime | None
    late: bool = Field(description="true: the member was expected an hour ago or earlier, and has not arrived.")
    driver: Driver | None
    road_telephone: str | None = Field(description="Whom to ring on the way, as E.164; never to a key.")


class PlanHouseOut(Output):
    """A shelter in the plan: the members placed there, the question to the shelter, and the arrivals."""

    shelter: str
    name: str
    temporary: bool = Field(description="The house was made for this event.")
    persons: int
    telephones: TelephonesOut | None
    answer_before: datetime | None = Field(description="The first deadline of its open questions; null: no question.")
    lines: list[PlanLineOut]


class PlanFiguresOut(Output):
    kind: PlanKind
    persons: int
    placed: int = Field(description="Persons of the members who get a bed.")
    houses: int
    longer: int = Field(description="Persons outside the event who get no place, and would get it without the event.")
    apart: int = Field(description="Groups that are not together.")


class PlanCostOut(Output):
    """A waiting household outside the event. Because of the event, it gets another place or no place."""

    registration: str
    now: str | None = Field(description="The place without the event, by name.")
    then: str | None = Field(description="The place with this plan, by name; null: none.")


class ExtraRoomsOut(Output):
    unit: str
    place: str
    rooms: int
    beds: int


class MissingHouseOut(Output):
    """A missing kind of unit. `rules`: the rules that a new unit must obey. No existing unit breaks fewer rules."""

    rules: list[str]
    genders: list[str]
    registrations: list[str]


class PlanWayOutOut(Output):
    """The smallest change that gives places to all members without a place."""

    rooms: list[ExtraRoomsOut]
    serves: list[str] = Field(description="Members who then have a bed.")
    houses: list[MissingHouseOut]
    unknown: list[str] = Field(description="Members for whom no way out was found.")


class EventPlanOut(Output):
    event: str
    version: int = Field(description="0: no plan was made. A write sends it in `If-Match`.")
    made_at: datetime | None
    made_by: str | None
    kind: PlanKind | None
    engine: str | None = Field(description="optimal, feasible, or degraded: a simple method answered for the engine.")
    figures: list[PlanFiguresOut] = Field(description="Of each possible kind, computed together.")
    houses: list[PlanHouseOut]
    lost: list[str] = Field(description="Members who lost a place or changed, and were planned again.")
    without: list[PlanLineOut] = Field(description="Members without a place.")
    ended: list[PlanLineOut] = Field(description="Members whose case is closed, or who are missing.")
    way_out: PlanWayOutOut | None
    cost: list[PlanCostOut]
    cost_unseen: int = Field(description="How many more households of other regions it moves.")
    apart: list[list[str]] = Field(description="Groups that are not together.")
    parts: list[list[str]] = Field(description="The parts of groups that are larger than 60.")
    people: People

    def etag(self) -> str:
        return str(self.version)


class ChangedLineOut(Output):
    registration: str
    unit: str
    code: str = Field(description="Why, as a code of an error.")
    facts: dict[str, object]


class PlanAcceptedOut(Output):
    decisions: list[str]
    registrations: list[str] = Field(description="The members of the decisions, in the same order.")
    changed: list[ChangedLineOut] = Field(description="Lines that changed since the plan; the rest is accepted.")


_ONE = "/events/{event_id:str}/plan"


@get(_ONE, summary="Read the plan of an event", permission=Permission.EVENT_READ)
def read_event_plan(act: Act, event_id: FromPath[str]) -> EventPlanOut:
    """Read the place and state of each member, by house. A coordinator sees members of their own region."""
    return _serialize(act, plan_lines.read(act, event_id))


@methods.post(
    _ONE,
    summary="Make a plan for an event",
    versioned="optional",
    status_code=201,
    permission=Permission.EVENT_PLAN_MAKE,
    work=Work.ENGINE,
)
def make_event_plan(
    acts: RequestActs, request: ActorRequest, event_id: FromPath[str], data: JSONBody[PlanIn]
) -> Response[EventPlanOut]:
    """Compute the places of the members, together with all other waiting clients. Accepted lines stay as they are."""
    kind = data.kind
    return acts.ask_and_write(
        lambda: planned(acts, request.app.state.solver, event_id, kind),
        lambda act, worked: recorded(act, event_id, worked),
    )


@get(
    f"{_ONE}/lines/{{registration_id:str}}",
    summary="Read the choices for a member",
    permission=Permission.EVENT_PLAN_READ,
)
def read_plan_choices(act: Act, event_id: FromPath[str], registration_id: FromPath[str]) -> PlanChoicesOut:
    """Read the units that fit this member without breaking a rule. For other units, decide on the page of the case."""
    now, units = plan_lines.choices(act, event_id, registration_id)
    places = place_names.places(act.session, units)
    named = sorted((PlanChoiceOut(unit=one, place=places[one]) for one in units), key=lambda one: one.place)
    return PlanChoicesOut(registration=registration_id, now=now, items=named)


@methods.put(
    f"{_ONE}/lines/{{registration_id:str}}",
    summary="Choose the unit of a member in a plan",
    versioned="needed",
    permission=Permission.EVENT_PLAN_MAKE,
    work=Work.ENGINE,
)
def choose_plan_line(
    acts: RequestActs,
    request: ActorRequest,
    event_id: FromPath[str],
    registration_id: FromPath[str],
    data: JSONBody[PlanLineIn],
) -> Response[EventPlanOut]:
    """Choose another unit for a member. The plan is computed again with this choice. A unit that breaks a rule is
    rejected: choose it by a decision on the page of the case.
    """
    return acts.ask_and_write(
        lambda: planned(acts, request.app.state.solver, event_id, line=(registration_id, data)),
        lambda act, worked: recorded(act, event_id, worked),
    )


@methods.post(
    f"{_ONE}/acceptance",
    summary="Accept a plan",
    versioned="needed",
    permission=Permission.EVENT_PLAN_MAKE,
    work=Work.ENGINE,
)
def accept_event_plan(
    acts: RequestActs, request: ActorRequest, event_id: FromPath[str], data: JSONBody[PlanAcceptanceIn]
) -> Response[PlanAcceptedOut]:
    """Accept all lines of the plan, the lines of a house, or single lines. Each line becomes a decision, and each house
    is asked at once. Lines that have changed since the plan was made are left out; the answer lists them.
    """
    version = acts.version()
    return acts.ask_and_write(
        lambda: weighed(acts, request.app.state.solver, event_id, version, data),
        lambda act, asked: accepted(act, event_id, version, asked),
    )


@put("/events/{event_id:str}/vehicles", summary="Set the vehicle of members", permission=Permission.EVENT_CHANGE)
def set_vehicle(act: Act, event_id: FromPath[str], data: JSONBody[VehicleIn]) -> EventPlanOut:
    """Set the label of the vehicle in which these members travel."""
    plan_lines.set_vehicle(act, event_id, data.registrations, data.vehicle)
    return read_event_plan(act, event_id)


Planned = tuple[event_plans.PlanAsked, StoredPlan]
Weighed = tuple[Sequence[str] | None, dict[str, plan_acceptance.Weighed]]


def planned(
    acts: Acts,
    solver: Solver,
    event_id: str,
    kind: PlanKind | None = None,
    *,
    line: tuple[str, PlanLineIn] | None = None,
    follows: bool = True,
) -> Planned:
    """Computes a plan outside any transaction, without storing it. `line`: a member and its new unit. `follows`: true
    to check `If-Match`; false to replace a present plan in any version.
    """
    version = acts.version() if line else acts.version_if_named() if follows else None
    chosen = None if line is None or line[1].unit is None else ChosenUnit(line[0], **line[1].model_dump())
    freed = [line[0]] if line and chosen is None else []
    asked = acts.run(lambda act: event_plans.prepare(act, event_id, kind, version=version, chosen=chosen, freed=freed))
    return asked, event_plans.work_out(asked, solver)


def recorded(act: Act, event_id: str, worked: Planned) -> EventPlanOut:
    event_plans.record(act, *worked)
    return read_event_plan(act, event_id)


def weighed(acts: Acts, solver: Solver, event_id: str, version: int, data: PlanAcceptanceIn) -> Weighed:
    """Returns the members to accept, and the engine's answer about those whose unit a person chose."""

    def wanted(act: Act) -> tuple[StoredPlan, Sequence[str] | None]:
        plan = plan_acceptance.stored(act, event_id, version)
        if data.shelter is None:
            return plan, data.registrations
        houses = event_plans.shelters_of_units(act, plan.places.values())
        there = [one for one, unit in plan.places.items() if houses[unit] == data.shelter]
        return plan, [one for one in there if data.registrations is None or one in data.registrations]

    plan, registrations = acts.run(wanted)
    return registrations, plan_acceptance.weigh(plan, registrations, solver)


def accepted(act: Act, event_id: str, version: int, asked: Weighed) -> PlanAcceptedOut:
    done: Accepted = plan_acceptance.accept(act, event_id, version, *asked)
    return PlanAcceptedOut(
        decisions=[one.id for one in done.decisions],
        registrations=[one.registration_id for one in done.decisions],
        changed=[ChangedLineOut.of(one) for one in done.changed],
    )


def _serialize(act: Act, view: PlanView) -> EventPlanOut:
    plan, lines = view.plan, view.lines
    units = {line.unit for line in lines if line.unit}
    moved = plan.plan.moved if plan else ()
    seen = scoped_queries.visible_registrations(act.session, act.actor, [one.registration_id for one in moved])
    cost = [one for one in moved if one.registration_id in seen]
    units |= {unit for one in cost for unit in (one.now, one.then) if unit}
    units |= {one.unit for one in plan.way_out.rooms} if plan else set()
    places = place_names.places(act.session, units)
    shown = {line.registration for line in lines}
    placed: defaultdict[str, list[PlanLine]] = defaultdict(list)
    for line in lines:
        if line.shelter and line.state is not LineState.ENDED:
            placed[line.shelter].append(line)
    telephones = telephones_of_shelters(act.session, [*placed])
    return EventPlanOut(
        event=view.event.id,
        version=view.version,
        made_at=plan and plan.made_at,
        made_by=plan and plan.made_by,
        kind=plan and plan.plan.kind,
        engine=plan and plan.plan.solution.status,
        figures=[PlanFiguresOut.of(one, kind=kind) for kind, one in plan.figures.items()] if plan else [],
        houses=[
            PlanHouseOut(
                shelter=one,
                name=view.names[one],
                temporary=one in view.event.content.shelters,
                persons=sum(line.persons for line in placed[one]),
                telephones=serialize_telephones(found) if (found := telephones.get(one)) else None,
                answer_before=min((line.expires_at for line in placed[one] if line.expires_at), default=None),
                lines=[_line(line, places) for line in placed[one]],
            )
            for one in sorted(placed, key=lambda one: view.names[one])
        ],
        lost=[one for one in plan.lost if one in shown] if plan else [],
        without=[_line(line, places) for line in lines if line.state is LineState.NOWHERE],
        ended=[_line(line, places) for line in lines if line.state is LineState.ENDED],
        way_out=_way_out(plan, shown, places) if plan else None,
        cost=[
            PlanCostOut(
                registration=one.registration_id, now=places.get(one.now or ""), then=places.get(one.then or "")
            )
            for one in cost
        ],
        cost_unseen=len(moved) - len(cost),
        apart=_shown(plan.plan.apart if plan else (), shown),
        parts=_shown(plan.plan.parts if plan else (), shown),
        people=people_of(act, {plan.made_by} if plan else set()),
    )


def _line(line: PlanLine, places: dict[str, str]) -> PlanLineOut:
    persons = [PlanPersonOut.of(one) for one in line.brief.persons] if line.brief else []
    return PlanLineOut.of(line, place=places.get(line.unit or ""), persons=persons)


def _shown(groups: Sequence[Sequence[str]], seen: set[str]) -> list[list[str]]:
    """Returns the groups whose registrations are all visible to the reader (`seen`)."""
    return [list(group) for group in groups if seen.issuperset(group)]


def _way_out(plan: StoredPlan, seen: set[str], places: dict[str, str]) -> PlanWayOutOut:
    way = plan.way_out
    return PlanWayOutOut(
        rooms=[ExtraRoomsOut.of(one, place=places[one.unit]) for one in way.rooms],
        serves=[one for one in way.serves if one in seen],
        houses=[
            MissingHouseOut(rules=[*one.rules], genders=[*one.genders], registrations=of)
            for one in way.houses
            if (of := [case for case in one.registrations if case in seen])
        ],
        unknown=[one for one in way.unknown if one in seen],
    )
