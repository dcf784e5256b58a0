"""Scoped queries of the register. An actor of a shelter finds only the shelter's own places; the desk finds all."""

from typing import TypeVar

from sqlmodel import Session, col, select

from placement.access import permissions
from placement.access.permissions import Permission, Reach
from placement.core.codes import Role
from placement.core.context import Actor
from placement.core.errors import existing
from placement.storage.locks import lock_shelter
from placement.tables import Location, Room, Shelter, Unit
from placement.tables.shelter import Lifetime

Place = TypeVar("Place", bound=Lifetime)

_WITHIN: dict[type[object], tuple[type[object], ...]] = {
    Shelter: (),
    Location: (),
    Unit: (Location,),
    Room: (Unit, Location),
}
"""The tables that a query must join to get from a row to its shelter."""


def place_of(session: Session, actor: Actor, permission: Permission, table: type[Place], place_id: str) -> Place:
    """Returns a place to which this permission applies for the actor. Raises `NotFound`, or the errors of `require`."""
    if actor.role is not Role.SYSTEM:
        permissions.require(actor, permission)
    query = select(table).where(col(table.id) == place_id)
    for parent in _WITHIN[table]:
        query = query.join(parent)
    if permission.reach_of(actor) is Reach.OWN:
        query = query.where((Shelter.id if table is Shelter else Location.shelter_id) == actor.shelter_id)
    return existing(session.exec(query.execution_options(populate_existing=True)).first())


def locked_place(session: Session, actor: Actor, permission: Permission, table: type[Place], place_id: str) -> Place:
    """Does the same as `place_of` for a change: locks the shelter of the place, and then reads the row again."""
    lock_shelter(session, shelter_id_of(session, place_of(session, actor, permission, table, place_id)))
    return place_of(session, actor, permission, table, place_id)


def shelter_id_of(session: Session, place: Lifetime) -> str:
    if isinstance(place, Shelter):
        return place.id
    if isinstance(place, Location):
        return place.shelter_id
    unit_id = place.unit_id if isinstance(place, Room) else place.id
    query = select(Location.shelter_id).join(Unit).where(Unit.id == unit_id)
    return session.exec(query).one()


def parents_of(session: Session, place: Lifetime) -> list[Lifetime]:
    """Returns the places that contain this place, the smallest first, the shelter last."""
    if isinstance(place, Shelter):
        return []
    parent: Lifetime
    if isinstance(place, Location):
        parent = session.get_one(Shelter, place.shelter_id)
    elif isinstance(place, Unit):
        parent = session.get_one(Location, place.location_id)
    elif isinstance(place, Room):
        parent = session.get_one(Unit, place.unit_id)
    return [parent, *parents_of(session, parent)]


def room_ids_in(session: Session, place: Lifetime) -> list[str]:
    """Returns the ids of the rooms that are in this place now."""
    query = select(Room.id).join(Unit).join(Location).order_by(Room.id)
    if isinstance(place, Room):
        return [place.id]
    if isinstance(place, Unit):
        query = query.where(Unit.id == place.id)
    elif isinstance(place, Location):
        query = query.where(Location.id == place.id)
    else:
        query = query.where(Location.shelter_id == place.id)
    return list(session.exec(query))


def parts_of(session: Session, place: Lifetime) -> list[Location] | list[Unit] | list[Room]:
    """Returns the direct parts of a place, sorted by id."""
    if isinstance(place, Shelter):
        return list(session.exec(select(Location).where(Location.shelter_id == place.id).order_by(Location.id)))
    if isinstance(place, Location):
        return list(session.exec(select(Unit).where(Unit.location_id == place.id).order_by(Unit.id)))
    return list(session.exec(select(Room).where(Room.unit_id == place.id).order_by(Room.id)))
