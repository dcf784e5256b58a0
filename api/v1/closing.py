"""Closing and reopening of shelters, locations and rooms, and what closing would mean; of units: `units.py`."""

from collections.abc import Mapping

from litestar import Response
from litestar.params import FromPath, JSONBody

from api.http.context import RequestActs
from api.http.methods import get, post
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
    summary="What closing a shelter would mean",
    permission=Permission.REGISTER_READ,
)
def preview_shelter_closing(acts: RequestActs, shelter_id: FromPath[str]) -> Response[ConsequencesOut]:
    """Who lives there, what is held, which proposals name it."""
    return acts.read(lambda act: consequences(act, Shelter, shelter_id))


@get(
    "/locations/{location_id:str}/closing",
    summary="What closing a location would mean",
    permission=Permission.REGISTER_READ,
)
def preview_location_closing(acts: RequestActs, location_id: FromPath[str]) -> Response[ConsequencesOut]:
    """Who lives there, what is held, which proposals name it."""
    return acts.read(lambda act: consequences(act, Location, location_id))


@get("/units/{unit_id:str}/closing", summary="What closing a unit would mean", permission=Permission.REGISTER_READ)
def preview_unit_closing(acts: RequestActs, unit_id: FromPath[str]) -> Response[ConsequencesOut]:
    """Who lives there, what is held, which proposals name it."""
    return acts.read(lambda act: consequences(act, Unit, unit_id))


@get("/rooms/{room_id:str}/closing", summary="What closing a room would mean", permission=Permission.REGISTER_READ)
def preview_room_closing(acts: RequestActs, room_id: FromPath[str]) -> Response[ConsequencesOut]:
    """Who lives there, and what is held."""
    return acts.read(lambda act: consequences(act, Room, room_id))


TABLES: Mapping[str, type[Lifetime]] = {"shelter": Shelter, "location": Location, "unit": Unit, "room": Room}


def shelter_with(act: Act, kind: str, place_id: str) -> ShelterTreeOut:
    """The shelter that a place is part of, whole. Raises `NotFound`."""
    if kind not in TABLES:
        raise NotFound
    found = register_queries.place_of(act.session, act.actor, Permission.REGISTER_READ, TABLES[kind], place_id)
    return tree_out(reads.shelter_tree(act, register_queries.shelter_id_of(act.session, found)))


def consequences(act: Act, table: type[AnyPlace], place_id: str) -> ConsequencesOut:
    place, found = closing.consequences(act, table, place_id)
    asked = [hold for hold in found.holds if act.actor.shelter_id is None or hold.status is not HoldStatus.RESERVED]
    return ConsequencesOut.of(
        place,
        rooms=found.rooms,
        beds=found.beds,
        stays=[LeaverOut.of(stay, stay=stay.id) for stay in found.stays],
        holds=[hold.id for hold in asked],
        kept=len(found.holds),
        proposals=found.proposals,
    )


@post(
    "/shelters/{shelter_id:str}/close",
    summary="Close a shelter",
    permission=Permission.REGISTER_CHANGE,
    versioned="needed",
)
def close_shelter(
    acts: RequestActs, shelter_id: FromPath[str], data: JSONBody[ClosePlaceIn]
) -> Response[RegisteredShelterOut]:
    """Takes nobody new from now on; closed when it is empty, on the given day at the earliest."""
    return acts.write(lambda act: shelter_out(closing.close(act, Shelter, shelter_id, acts.version(), data.until)))


@post(
    "/shelters/{shelter_id:str}/reopen",
    summary="Reopen a shelter",
    permission=Permission.REGISTER_CHANGE,
    versioned="needed",
)
def reopen_shelter(acts: RequestActs, shelter_id: FromPath[str]) -> Response[RegisteredShelterOut]:
    """Reopen a shelter with the beds that it had."""
    return acts.write(lambda act: shelter_out(closing.reopen(act, Shelter, shelter_id, acts.version())))


@post(
    "/locations/{location_id:str}/close",
    summary="Close a location",
    permission=Permission.REGISTER_CHANGE,
    versioned="needed",
)
def close_location(
    acts: RequestActs, location_id: FromPath[str], data: JSONBody[ClosePlaceIn]
) -> Response[RegisteredLocationOut]:
    """Takes nobody new from now on; closed when it is empty, on the given day at the earliest."""
    return acts.write(lambda act: location_out(closing.close(act, Location, location_id, acts.version(), data.until)))


@post(
    "/locations/{location_id:str}/reopen",
    summary="Reopen a location",
    permission=Permission.REGISTER_CHANGE,
    versioned="needed",
)
def reopen_location(acts: RequestActs, location_id: FromPath[str]) -> Response[RegisteredLocationOut]:
    """Reopen a location with the beds that it had."""
    return acts.write(lambda act: location_out(closing.reopen(act, Location, location_id, acts.version())))


@post("/rooms/{room_id:str}/close", summary="Close a room", permission=Permission.ROOM_CHANGE, versioned="needed")
def close_room(acts: RequestActs, room_id: FromPath[str], data: JSONBody[ClosePlaceIn]) -> Response[RegisteredRoomOut]:
    """Takes nobody new from now on; closed when it is empty, on the given day at the earliest."""
    return acts.write(lambda act: room_today(act, closing.close(act, Room, room_id, acts.version(), data.until)))


@post("/rooms/{room_id:str}/reopen", summary="Reopen a room", permission=Permission.ROOM_CHANGE, versioned="needed")
def reopen_room(acts: RequestActs, room_id: FromPath[str]) -> Response[RegisteredRoomOut]:
    """Reopen a room with the beds that it had."""
    return acts.write(lambda act: room_today(act, closing.reopen(act, Room, room_id, acts.version())))
