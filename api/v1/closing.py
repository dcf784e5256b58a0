"""Closing and reopening of shelters, locations and rooms, with a preview. Units are closed in `units.py`."""

from collections.abc import Mapping

from litestar.params import FromPath, JSONBody

from api.http import operations
from api.http.operations import get
from api.v1.places import (
    ClosePlaceIn,
    ConsequencesOut,
    LeaverOut,
    RegisteredLocationOut,
    RegisteredRoomOut,
    RegisteredShelterOut,
    ShelterTreeOut,
    location_out,
    room_today,
    shelter_out,
    tree_out,
)
from api.v1.register_operations import post
from placement.access import register_queries
from placement.access.permissions import Permission
from placement.core.codes import HoldStatus
from placement.core.context import Act
from placement.core.errors import NotFound
from placement.shelters import closing, reads
from placement.shelters.register import AnyPlace
from placement.tables import Location, Room, Shelter, Unit
from placement.tables.shelter import Lifetime


@get(
    "/shelters/{shelter_id:str}/closing",
    summary="Preview the closing of a shelter",
    permission=Permission.REGISTER_READ,
)
def preview_shelter_closing(act: Act, shelter_id: FromPath[str]) -> ConsequencesOut:
    """Show what must be settled before a shelter closes: residents, holds and open proposals."""
    return consequences(act, Shelter, shelter_id)


@get(
    "/locations/{location_id:str}/closing",
    summary="Preview the closing of a location",
    permission=Permission.REGISTER_READ,
)
def preview_location_closing(act: Act, location_id: FromPath[str]) -> ConsequencesOut:
    """Show what must be settled before a location closes: residents, holds and open proposals."""
    return consequences(act, Location, location_id)


@get("/units/{unit_id:str}/closing", summary="Preview the closing of a unit", permission=Permission.REGISTER_READ)
def preview_unit_closing(act: Act, unit_id: FromPath[str]) -> ConsequencesOut:
    """Show what must be settled before a unit closes: residents, holds and open proposals."""
    return consequences(act, Unit, unit_id)


@get("/rooms/{room_id:str}/closing", summary="Preview the closing of a room", permission=Permission.REGISTER_READ)
def preview_room_closing(act: Act, room_id: FromPath[str]) -> ConsequencesOut:
    """Show what must be settled before a room closes: residents and holds."""
    return consequences(act, Room, room_id)


TABLES: Mapping[str, type[Lifetime]] = {"shelter": Shelter, "location": Location, "unit": Unit, "room": Room}


def shelter_with(act: Act, kind: str, place_id: str) -> ShelterTreeOut:
    """Returns the whole shelter that contains this place. Raises `NotFound`."""
    if kind not in TABLES:
        raise NotFound
    found = register_queries.place_of(act.session, act.actor, Permission.REGISTER_READ, TABLES[kind], place_id)
    return tree_out(reads.shelter_tree(act, register_queries.shelter_id_of(act.session, found)))


def consequences(act: Act, table: type[AnyPlace], place_id: str) -> ConsequencesOut:
    place, found = closing.consequences(act, table, place_id)
    of_the_desk = act.actor.shelter_id is None
    asked = [hold for hold in found.holds if of_the_desk or hold.status is not HoldStatus.RESERVED]
    return ConsequencesOut.of(
        place,
        rooms=found.rooms,
        beds=found.beds,
        stays=[LeaverOut.of(stay, stay=stay.id) for stay in found.stays],
        holds=[hold.id for hold in asked],
        kept=len(found.holds),
        proposals=found.proposals if of_the_desk else None,
    )


@post("/shelters/{shelter_id:str}/close", summary="Close a shelter", permission=Permission.REGISTER_CHANGE)
def close_shelter(
    act: Act, shelter_id: FromPath[str], data: JSONBody[ClosePlaceIn], version: int
) -> RegisteredShelterOut:
    """Close a shelter: it takes no new clients from a day on, and closes on its last day, or later when empty."""
    return shelter_out(closing.close(act, Shelter, shelter_id, version, data.until, no_new_from=data.no_new_from))


@post("/shelters/{shelter_id:str}/reopen", summary="Reopen a shelter", permission=Permission.REGISTER_CHANGE)
def reopen_shelter(act: Act, shelter_id: FromPath[str], version: int) -> RegisteredShelterOut:
    """Reopen a shelter, with the beds that it had before."""
    return shelter_out(closing.reopen(act, Shelter, shelter_id, version))


@post("/locations/{location_id:str}/close", summary="Close a location", permission=Permission.REGISTER_CHANGE)
def close_location(
    act: Act, location_id: FromPath[str], data: JSONBody[ClosePlaceIn], version: int
) -> RegisteredLocationOut:
    """Close a location: it takes no new clients from a day on, and closes on its last day, or later when empty."""
    return location_out(closing.close(act, Location, location_id, version, data.until, no_new_from=data.no_new_from))


@post("/locations/{location_id:str}/reopen", summary="Reopen a location", permission=Permission.REGISTER_CHANGE)
def reopen_location(act: Act, location_id: FromPath[str], version: int) -> RegisteredLocationOut:
    """Reopen a location, with the beds that it had before."""
    return location_out(closing.reopen(act, Location, location_id, version))


@operations.post("/rooms/{room_id:str}/close", summary="Close a room", permission=Permission.ROOM_CHANGE)
def close_room(act: Act, room_id: FromPath[str], data: JSONBody[ClosePlaceIn], version: int) -> RegisteredRoomOut:
    """Close a room: it takes no new clients from a day on, and closes on its last day, or later when empty."""
    return room_today(act, closing.close(act, Room, room_id, version, data.until, no_new_from=data.no_new_from))


@operations.post("/rooms/{room_id:str}/reopen", summary="Reopen a room", permission=Permission.ROOM_CHANGE)
def reopen_room(act: Act, room_id: FromPath[str], version: int) -> RegisteredRoomOut:
    """Reopen a room, with the beds that it had before."""
    return room_today(act, closing.reopen(act, Room, room_id, version))
