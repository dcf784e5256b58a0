"""Beds that are reserved for members of an event on a later day, although another client needs a bed tonight."""

from collections.abc import Iterator
from dataclasses import dataclass

from matching import explain
from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Urgency
from placement.core.context import Act
from placement.core.errors import Conflict, existing
from placement.events.events import event_of, live_events, require_live
from placement.events.members import registrations_of
from placement.placements.holds import holds
from placement.placements.holds.reserved_places import ReservedPlace, kept_for
from placement.solver.snapshot import problem_of_places
from placement.storage.bed_claims import claims_of_holds
from placement.tables import Hold, MassEvent, Registration

MOST_SHOWN = 5
WITHDRAWN = "decision_withdrawn"


@dataclass(frozen=True, slots=True)
class KeptBed:
    """The reserved place of a member. Another client could live in it tonight without breaking a rule."""

    event: MassEvent
    registration: str
    unit: str


@needs(Permission.EVENT_PLAN_READ)
def beds_for(act: Act, registration_id: str) -> list[KeptBed]:
    """Returns the reserved beds that would suit this client: the release of any of these beds is enough. Beds for the
    latest event come first. Returns no beds if the client needs no place tonight.
    """
    client = scoped_queries.registration_of(act.session, act.actor, registration_id)
    kept = list(_kept(act)) if client.urgency == Urgency.TONIGHT and client.status.is_sought_for else []
    suitable = _suitable(act, client, *(place for _, place in kept)) if kept else set()
    found: list[KeptBed] = []
    for event, place in kept:
        unit = place.row.unit_id
        if len(found) < MOST_SHOWN and unit in suitable and unit in _suitable(act, client, place):
            found.append(KeptBed(event, place.case.id, unit))
    audit_log.write(act, Event.EVENT_PLAN_READ, registration=client.id, shown=[one.registration for one in found])
    return found


@needs(Permission.EVENT_PLAN_MAKE)
def withdraw(act: Act, event_id: str, registration_id: str) -> Hold:
    """Releases the bed that is reserved for a member for a later day. The plan then shows the member as without a
    place, and is computed again. Raises `NotFound` if the registration is not a member. Raises `Conflict` if no bed is
    reserved for a later day.
    """
    event = event_of(act, event_id, lock=True)
    require_live(event)
    case = existing(next((one for one in registrations_of(act, event) if one.id == registration_id), None))
    kept = kept_for(act, case) if event.content.day > act.day else []
    if not kept:
        raise Conflict("bed_not_kept_for_later", day=event.content.day.isoformat())
    return holds.give_back(act, holds.releasable(act, kept[0].hold_id), WITHDRAWN)


def _kept(act: Act) -> Iterator[tuple[MassEvent, ReservedPlace]]:
    later = [event for event in live_events(act) if event.content.day > act.day]
    for event in sorted(later, key=lambda one: one.content.day, reverse=True):
        for place in kept_for(act, *registrations_of(act, event)):
            if place.is_readable:
                yield event, place


def _suitable(act: Act, client: Registration, *places: ReservedPlace) -> set[str]:
    """Returns the units in which the client would break no rule if these reserved places were released."""
    claims = claims_of_holds(act.session, [place.hold_id for place in places])
    problem = problem_of_places(act, client, without=[claim.id for claim in claims]).problem
    return {one.unit for one in explain(problem, client.id).units if one.allowed} if problem.registrations else set()
