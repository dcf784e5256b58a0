"""Evacuations: one act closes a place, and makes an event whose members are the clients who live there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import select

from placement.access import register_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import AvoidedKind, RegistrationStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.event_codes import EventKind
from placement.core.place_codes import PlaceStatus, RegisterKind
from placement.core.request_codes import RequestKind
from placement.events import events
from placement.events.beds import PLACES
from placement.events.events import EventInput
from placement.events.members import add, case_ids
from placement.registrations import case_rows
from placement.registrations.registrations import supersede_proposals, touch, urgency_by
from placement.registrations.requests import LEFT_FOR_SAFETY, Asked, seek_another
from placement.shelters import closing
from placement.storage.locks import lock_registrations
from placement.tables import Location, MassEvent, Registration, Shelter, Unit
from placement.tables.event import LeftPlace, MemberContent
from placement.tables.shelter import Lifetime


@dataclass(frozen=True, slots=True)
class EvacuationInput:
    """An evacuation. `place`: the id of the shelter, location or unit. `until`: the day by which it must be empty."""

    kind: RegisterKind
    place: str
    until: date
    name: str | None = None


@needs(Permission.EVENT_CHANGE)
def evacuate(act: Act, given: EvacuationInput) -> MassEvent:
    """Closes a place to new clients from today. Makes and starts an evacuation event for the clients who live in it.

    For each client, another place is requested. The urgency of the request follows from `until`. The closing place is
    avoided. The present bed stays claimed until the client arrives elsewhere. Raises `Conflict` if the place is closed
    already, and `Invalid` if there is no such place.
    """
    place = _locked(act, given.kind, given.place)
    if place.status is PlaceStatus.CLOSED:
        raise Conflict("place_not_changeable", status=place.status.value)
    clients = _residents(act, place)
    closing.close(act, PLACES[given.kind], place.id, place.version, given.until)
    made = EventInput(
        given.name or str(getattr(place, "name", place.id)), EventKind.EVACUATION, given.until, keep_from=act.day
    )
    event = events.make(act, made, left=LeftPlace(kind=given.kind, id=place.id))
    _move_out(act, event, place, clients, given.until)
    return events.start(act, event.id)


@needs(Permission.EVENT_CHANGE)
def add_residents(act: Act, event_id: str, kind: RegisterKind, place_id: str) -> MassEvent:
    """Adds the clients who live in a closing place to an event. For each of them, another place is sought by the
    closing day. The closing place is avoided, and the client keeps the present bed until the arrival elsewhere. Clients
    who are already members stay unchanged. Raises `Conflict` if the place is not closing, and `Invalid` if there is no
    such place.
    """
    event = events.event_of(act, event_id, lock=True)
    events.require_live(event)
    place = _locked(act, kind, place_id)
    if place.status is not PlaceStatus.CLOSING or place.closes_on is None:
        raise Conflict("place_not_closing", status=place.status.value)
    _move_out(act, event, place, _others(act, event, place), place.closes_on)
    return event


@dataclass(frozen=True, slots=True)
class ClosingPlace:
    """A closing place with residents who are not members of an event yet."""

    kind: RegisterKind
    id: str
    name: str
    closes_on: date | None
    residents: int


@needs(Permission.EVENT_CHANGE)
def closing_places(act: Act, event: MassEvent) -> list[ClosingPlace]:
    """Returns the closing places with residents who are not members of this event."""
    found = []
    for kind, table in PLACES.items():
        for place in act.session.exec(select(table).where(table.status == PlaceStatus.CLOSING).order_by(table.id)):
            if others := _others(act, event, place):
                name = str(getattr(place, "name", place.id))
                found.append(ClosingPlace(kind, place.id, name, place.closes_on, len(others)))
    return found


def _locked(act: Act, kind: RegisterKind, place_id: str) -> Lifetime:
    try:
        return register_queries.locked_place(act.session, act.actor, Permission.REGISTER_CHANGE, PLACES[kind], place_id)
    except NotFound:
        raise Invalid.at("place", "target_unknown", found=place_id, kind=kind.value) from None


def _residents(act: Act, place: Lifetime) -> list[str]:
    return sorted({stay.registration_id for stay in closing.inside(act.session, place, act.day).stays})


def _others(act: Act, event: MassEvent, place: Lifetime) -> list[str]:
    members = {*case_ids(events.member_rows(act, event))}
    return [client for client in _residents(act, place) if client not in members]


def _move_out(act: Act, event: MassEvent, place: Lifetime, clients: list[str], until: date) -> None:
    """Makes these clients members of the event. Requests another place for each by this day; avoids this place."""
    avoided = _avoided(act, place)
    for client in lock_registrations(act.session, clients):
        registration = act.session.get_one(Registration, client)
        _seek(act, registration, until)
        for avoided_kind, target in avoided:
            case_rows.avoid(act, client, avoided_kind, target, LEFT_FOR_SAFETY)
        supersede_proposals(act, client)
        add(act, event, MemberContent(position=0), client)


def _seek(act: Act, registration: Registration, until: date) -> None:
    """Requests another place by this day. If a place is already sought, keeps the higher of the two urgencies, and the
    earlier of the two days.
    """
    urgency = urgency_by(act.day, until)
    if registration.status is RegistrationStatus.PLACED:
        seek_another(act, registration, Asked(RequestKind.EVACUATION, urgency, needed_by=until))
    elif registration.status.is_sought_for:
        registration.urgency = min(registration.urgency, int(urgency))
        registration.needed_by = min(registration.needed_by, until)
        touch(registration)
        fields = ["needed_by", "urgency"]
        audit_log.write(act, Event.REGISTRATION_CHANGED, registration=registration.id, fields=fields)


def _avoided(act: Act, place: object) -> Sequence[tuple[AvoidedKind, str]]:
    """Returns the places to avoid: the unit or location that the clients leave, or the shelter's locations."""
    match place:
        case Unit():
            return [(AvoidedKind.UNIT, place.id)]
        case Location():
            return [(AvoidedKind.LOCATION, place.id)]
        case Shelter():
            parts = register_queries.parts_of(act.session, place)
            return [(AvoidedKind.LOCATION, part.id) for part in parts if isinstance(part, Location)]
    raise TypeError(place)
