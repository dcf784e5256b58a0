"""Moves of a unit, with its rooms and residents, to another location of its shelter."""

from collections.abc import Collection

from sqlmodel import col, select

from matching import distance_km
from placement.access import register_queries
from placement.access.permissions import Permission, needs
from placement.access.register_queries import room_ids_in
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import AvoidedKind
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.core.geography import HALF_DIAGONAL_KM, Cell, Point
from placement.core.place_codes import PlaceStatus
from placement.crypto.encrypted_columns import is_readable
from placement.registrations.registrations import require_version
from placement.shelters import versions
from placement.shelters.beds import live
from placement.shelters.closing import reopen_rooms, supersede_in
from placement.storage.bed_claims import beds_of_rooms, claims_on
from placement.tables import Avoidance, KeepApart, Location, Registration, Threat, Unit
from placement.tables.shelter import Lifetime


@needs(Permission.REGISTER_CHANGE)
def move_unit(act: Act, unit_id: str, version: int, location_id: str) -> Unit:
    """Moves a unit to another location of the same shelter. Closures of the old location do not apply to the unit any
    more. Raises `Conflict` if the new location is closing. Raises `Conflict` if the new location is unsafe for a client
    who lives in the unit or is expected there. Such a client has to move elsewhere first.
    A location is unsafe for a client:
    - if it is too near a danger point;
    - if the client avoids it;
    - if a person to keep apart from lives there.
    """
    unit = register_queries.locked_place(act.session, act.actor, Permission.REGISTER_CHANGE, Unit, unit_id)
    require_version(version, unit.version)
    old = act.session.get_one(Location, unit.location_id)
    new = act.session.get(Location, location_id)
    if new is None or new.shelter_id != old.shelter_id:
        raise Invalid.at("location", "target_unknown", kind="location", found=location_id)
    if new.id == old.id:
        raise Invalid.at("location", "location_is_the_same")
    if new.status in {PlaceStatus.CLOSING, PlaceStatus.CLOSED}:
        raise Conflict("parent_closing", status=new.status.value)
    if unsafe := _unsafe_at(act, unit, new):
        raise Conflict("move_is_unsafe", clients=len(unsafe))
    with versions.changing(act, unit):
        unit.location_id = new.id
        unit.version += 1
    reopen_rooms(act, room_ids_in(act.session, unit), {old.id})
    supersede_in(act, unit)
    audit_log.write(act, Event.PLACE_MOVED, subject=unit.id, origin=old.id, target=new.id)
    return unit


def _unsafe_at(act: Act, unit: Unit, location: Location) -> set[str]:
    """Returns the registrations with a bed in the unit for which the location is unsafe, or for which its safety is
    unknown.
    """
    centre = Cell(location.cell_row, location.cell_column).centre
    here, there = _registrations_in(act, unit), _registrations_in(act, location)
    living = act.session.exec(select(Registration).where(col(Registration.id).in_(here)))
    return _kept_apart(act, here, there) | {
        one.id
        for one in living
        if not is_readable(one.content)
        or any(_is_avoided(avoidance, location) for avoidance in one.avoidances)
        or any(_is_near(threat, centre) for threat in one.threats)
    }


def _is_near(threat: Threat, centre: Point) -> bool:
    km = distance_km(threat.point["lat"], threat.point["lon"], centre.lat, centre.lon)
    return km < threat.min_km + HALF_DIAGONAL_KM


def _registrations_in(act: Act, place: Lifetime) -> set[str]:
    beds = beds_of_rooms(act.session, room_ids_in(act.session, place))
    return {str(claim.registration_id) for claim in claims_on(act.session, beds, *live(act.day))}


def _kept_apart(act: Act, here: Collection[str], there: Collection[str]) -> set[str]:
    """Returns the registrations in `here` that must be kept apart from a registration in `there`."""
    pairs = act.session.exec(select(KeepApart.registration_id, KeepApart.other_id)).all()
    return {one for pair in pairs for one, other in (pair, pair[::-1]) if one in here and other in there}


def _is_avoided(avoidance: Avoidance, location: Location) -> bool:
    targets = {AvoidedKind.LOCATION: location.id, AvoidedKind.REGION: location.region.value}
    return avoidance.lifted_at is None and targets.get(avoidance.kind) == avoidance.target
