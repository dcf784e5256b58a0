"""Reading of the register of shelters. Each read writes an audit event. No answer contains an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from placement.access import register_queries
from placement.access.permissions import Permission, Reach, needs
from placement.access.register_queries import room_ids_in
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import existing
from placement.core.place_codes import RegisterKind
from placement.shelters import versions
from placement.shelters.beds import beds_on
from placement.tables import Location, Provider, Room, Shelter, Unit


@dataclass(frozen=True, slots=True)
class RoomOnDay:
    """A room with its registered values on a day. `values`: the columns by name. `beds`: the number of beds."""

    id: str
    values: Mapping[str, object]
    beds: int


@dataclass(frozen=True, slots=True)
class ShelterTree:
    """A shelter with all its parts, including closed parts; sorted by id."""

    shelter: Shelter
    provider: Provider
    locations: list[Location]
    units: list[Unit]
    rooms: list[Room]
    beds: Mapping[str, int]
    """The number of beds of each room today or, if the room opens later, on its first day."""


@needs(Permission.PROVIDER_READ)
def providers(act: Act) -> list[Provider]:
    audit_log.write(act, Event.REGISTER_LISTED, part="providers")
    return list(act.session.exec(select(Provider).order_by(Provider.name, Provider.id)))


@needs(Permission.PROVIDER_READ)
def provider(act: Act, provider_id: str) -> Provider:
    found = existing(act.session.get(Provider, provider_id))
    audit_log.write(act, Event.REGISTER_READ, subject=found.id)
    return found


@needs(Permission.REGISTER_READ)
def shelters(act: Act) -> list[Shelter]:
    """Returns all shelters. An actor of a shelter gets only that shelter."""
    audit_log.write(act, Event.REGISTER_LISTED, part="shelters")
    query = select(Shelter).order_by(Shelter.name, Shelter.id)
    if Permission.REGISTER_READ.reach_of(act.actor) is Reach.OWN:
        query = query.where(Shelter.id == act.actor.shelter_id)
    return list(act.session.exec(query))


@needs(Permission.REGISTER_READ)
def names(act: Act) -> list[tuple[str, tuple[str, ...]]]:
    """Returns the names of all shelters, units and rooms, each with the id of its shelter. The name of a place begins
    with the names of the places that contain it. An actor of a shelter gets only the names of that shelter.
    """
    found = [(one.id, (one.name,)) for one in shelters(act)]
    inside = select(Location.shelter_id, Shelter.name, Unit.name)
    inside = inside.join(Shelter, col(Shelter.id) == Location.shelter_id).join(
        Unit, col(Unit.location_id) == Location.id
    )
    rooms = inside.add_columns(col(Room.name)).join(Room, col(Room.unit_id) == Unit.id)
    own = {shelter for shelter, _ in found}
    parts = [*act.session.execute(inside), *act.session.execute(rooms)]
    return [*found, *((shelter, (*inner,)) for shelter, *inner in parts if shelter in own)]


@needs(Permission.REGISTER_READ)
def shelter_tree(act: Act, shelter_id: str) -> ShelterTree:
    shelter = register_queries.place_of(act.session, act.actor, Permission.REGISTER_READ, Shelter, shelter_id)
    audit_log.write(act, Event.REGISTER_READ, subject=shelter.id)
    return tree_of(act, shelter)


def tree_of(act: Act, shelter: Shelter) -> ShelterTree:
    locations = list(act.session.exec(select(Location).where(Location.shelter_id == shelter.id).order_by(Location.id)))
    units = list(
        act.session.exec(select(Unit).where(col(Unit.location_id).in_([one.id for one in locations])).order_by(Unit.id))
    )
    rooms = list(
        act.session.exec(select(Room).where(col(Room.unit_id).in_([one.id for one in units])).order_by(Room.id))
    )
    now = beds_on(act.session, [room.id for room in rooms], act.day)
    planned = {
        day: beds_on(act.session, [room.id for room in rooms if room.opens_on == day], day)
        for day in {room.opens_on for room in rooms if room.opens_on and room.opens_on > act.day}
    }
    beds = {room: len(here) for room, here in now.items()}
    for of_day in planned.values():
        beds |= {room: len(here) for room, here in of_day.items()}
    return ShelterTree(shelter, act.session.get_one(Provider, shelter.provider_id), locations, units, rooms, beds)


@needs(Permission.REGISTER_READ)
def rooms_on(act: Act, shelter_id: str, day: date) -> list[RoomOnDay]:
    """Returns the rooms of a shelter that had a bed on this day, with their values in the register at the end of the
    day.
    """
    shelter = register_queries.place_of(act.session, act.actor, Permission.REGISTER_READ, Shelter, shelter_id)
    audit_log.write(act, Event.REGISTER_READ, subject=shelter.id, part="rooms", day=day.isoformat())
    ids = room_ids_in(act.session, shelter)
    beds = {room: here for room, here in beds_on(act.session, ids, day).items() if here}
    earlier = versions.as_of(act.session, RegisterKind.ROOM, list(beds), day)
    rooms = {room.id: room for room in act.session.exec(select(Room).where(col(Room.id).in_(list(beds))))}
    return [
        RoomOnDay(room_id, earlier.get(room_id) or versions.values_of(rooms[room_id]), len(here))
        for room_id, here in sorted(beds.items())
    ]
