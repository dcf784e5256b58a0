"""The members of an event with their vehicles and places. A place is planned, asked for, confirmed, or lived in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlmodel import col, select

from matching import explain
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import HoldStatus, Sees, StayStatus
from placement.core.consent_codes import Driver
from placement.core.context import Act
from placement.core.errors import Fault, Invalid, existing
from placement.core.plan_codes import LineState
from placement.crypto.encrypted_columns import is_readable
from placement.events.event_plans import StoredPlan, newest, shelters_of_units
from placement.events.events import event_of, member_rows, require_live
from placement.events.members import case_ids, registrations_of
from placement.placements.holds.arrival_details import ArrivalDetails, agreed_of, late_at
from placement.placements.proposals.presentation import OF_PAIRS
from placement.placements.stays.place_fit import broken_where_lived
from placement.registrations.case_summary import Brief, brief_of
from placement.tables import EventMember, Hold, MassEvent, Registration, Shelter, Stay

LONGEST_VEHICLE = 60
_ALIVE = (HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER, HoldStatus.CONFIRMED)
_STATES = {
    HoldStatus.RESERVED: LineState.RESERVED,
    HoldStatus.WAITING_FOR_SHELTER: LineState.ASKED,
    HoldStatus.CONFIRMED: LineState.CONFIRMED,
}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A member with its place.

    - `chosen`: true if a person chose the unit.
    - `changed`: true if the case changed since the plan.
    - `breaks`: the rules that the place breaks, because the client's facts have changed.
    - `expires_at`: the time by which the shelter must answer.
    - `hold`: the current hold.
    - `late`: true if the client is more than an hour late.
    """

    registration: str
    brief: Brief | None
    persons: int
    urgency: int
    state: LineState
    unit: str | None
    shelter: str | None
    hold: str | None
    chosen: bool
    changed: bool
    breaks: tuple[str, ...]
    vehicle: str | None
    expires_at: datetime | None
    expected_at: datetime | None
    late: bool
    driver: Driver | None
    road_telephone: str | None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as the actor may see it. `version`: 0 without a plan. `names`: the names of shelters, by id."""

    event: MassEvent
    version: int
    plan: StoredPlan | None
    lines: Sequence[PlanLine]
    names: Mapping[str, str]


@needs(Permission.EVENT_READ)
def read(act: Act, event_id: str) -> PlanView:
    """Returns the members that the actor sees, each with its place."""
    event = event_of(act, event_id)
    row, plan = newest(act, event)
    lines = _lines(act, event, plan)
    audit_log.write(act, Event.EVENT_PLAN_READ, subject=event.id, shown=[line.registration for line in lines])
    here = select(Shelter.id, Shelter.name).where(col(Shelter.id).in_({line.shelter for line in lines}))
    return PlanView(event, row.version if row else 0, plan, lines, dict(act.session.exec(here).all()))


def _lines(act: Act, event: MassEvent, plan: StoredPlan | None) -> list[PlanLine]:
    cases = registrations_of(act, event)
    ids = [case.id for case in cases]
    vehicles = {row.registration_id: row.content.vehicle for row in member_rows(act, event) if row.content.vehicle}
    held = select(Hold).where(col(Hold.registration_id).in_(ids), col(Hold.status).in_(_ALIVE))
    holds = {one.id: one for one in act.session.exec(held)}
    stays = act.session.exec(
        select(Stay).where(col(Stay.registration_id).in_(ids), Stay.status != StayStatus.ENDED)
    ).all()
    lived = {one.registration_id: one for one in stays if one.status is StayStatus.IN_HOUSE}
    planned = {one.hold_id for one in stays if one.status is StayStatus.PLANNED}
    current = {
        one.registration_id: one
        for one in holds.values()
        if is_readable(one.unit_id) and (one.status is not HoldStatus.CONFIRMED or one.id in planned)
    }
    places = plan.places if plan else {}
    houses = shelters_of_units(act)
    found = []
    for case in cases:
        hold, stay = current.get(case.id), lived.get(case.id)
        seeks = hold is None and case.status.is_sought_for
        unit = hold.unit_id if hold else places.get(case.id) if seeks else stay.unit_id if stay else None
        if hold is not None:
            state = _STATES[hold.status]
        elif seeks:
            state = LineState.NOWHERE if unit is None else LineState.PLANNED
        else:
            state = LineState.ENDED if stay is None else LineState.THERE
        agreed = agreed_of(hold) if hold else ArrivalDetails()
        by_person = act.actor.session_id is not None
        found.append(
            PlanLine(
                registration=case.id,
                brief=(brief := brief_of(case, act.day, housed=True)),
                persons=len(brief.persons) if brief else 0,
                urgency=case.urgency,
                state=state,
                unit=unit,
                shelter=houses.get(unit or ""),
                hold=hold.id if hold else None,
                chosen=seeks and plan is not None and any(one.registration == case.id for one in plan.chosen),
                changed=seeks and plan is not None and plan.versions.get(case.id) != case.version,
                breaks=_broken_by_facts(act, case) if hold or stay else (),
                vehicle=vehicles.get(case.id),
                expires_at=hold.expires_at if hold and state is LineState.ASKED else None,
                expected_at=agreed.expected_at,
                late=state is LineState.CONFIRMED and hold is not None and (late_at(hold) or act.at) < act.at,
                driver=agreed.driver,
                road_telephone=agreed.road_telephone if by_person else None,
            )
        )
    return found


def _broken_by_facts(act: Act, case: Registration) -> tuple[str, ...]:
    if not case.known("breaks"):
        return ()
    hidden = frozenset() if act.actor.role.sees is Sees.ALL else OF_PAIRS
    return tuple(one.rule for one in broken_where_lived(act, case) if one.rule not in hidden)


@needs(Permission.EVENT_PLAN_READ)
def choices(act: Act, event_id: str, registration_id: str) -> tuple[str | None, list[str]]:
    """Returns the unit of a member in the plan, and the units in which the member would break no rule. Ignores the
    places of other members. Returns no units if the member is not in the plan. Raises `NotFound` if the registration is
    no member.
    """
    event = event_of(act, event_id)
    existing(registration_id if registration_id in case_ids(member_rows(act, event)) else None)
    _, plan = newest(act, event)
    audit_log.write(act, Event.EVENT_PLAN_READ, subject=event.id, registration=registration_id)
    if plan is None or registration_id not in plan.members:
        return None, []
    free = msgspec.structs.replace(plan.plan.problem, fixed=())
    allowed = [one.unit for one in explain(free, registration_id).units if one.allowed]
    return plan.places.get(registration_id), allowed


@needs(Permission.EVENT_CHANGE)
def set_vehicle(act: Act, event_id: str, registration_ids: Sequence[str], vehicle: str | None) -> None:
    """Sets the label of the vehicle in which these members travel; an empty label removes it."""
    event = event_of(act, event_id, lock=True)
    require_live(event)
    label = (vehicle or "").strip() or None
    if label and len(label) > LONGEST_VEHICLE:
        raise Invalid([Fault("vehicle", "text_too_long", {"max_length": LONGEST_VEHICLE})])
    wanted = {*registration_ids}
    rows: list[EventMember] = [row for row in member_rows(act, event) if row.registration_id in wanted]
    known = {row.registration_id for row in rows}
    faults = [
        Fault(f"registrations.{number}", "no_member", {"found": one})
        for number, one in enumerate(registration_ids)
        if one not in known
    ]
    if faults:
        raise Invalid(faults)
    for row in rows:
        row.content, row.version = row.content.model_copy(update={"vehicle": label}), row.version + 1
    audit_log.write(act, Event.EVENT_VEHICLE_SET, subject=event.id, shown=wanted)
