"""The register's operations on units and rooms. A shelter changes its rooms itself. Its changes of units must be
granted by the desk.
"""

from collections.abc import Mapping

from litestar.params import FromPath, JSONBody

from api.http import operations
from api.v1.places import (
    ClosePlaceIn,
    NewRoomIn,
    RegisteredRoomOut,
    RoomPatch,
    UnitChangeOut,
    UnitIn,
    UnitMoveIn,
    UnitPatch,
    change_out,
    room_today,
)
from api.v1.register_operations import patch, post
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.place_codes import ChangeKind
from placement.shelters import change_requests, register


@post(
    "/locations/{location_id:str}/units",
    summary="Register a unit, or propose one",
    permission=Permission.UNIT_CHANGE,
    status_code=201,
)
def create_unit(act: Act, location_id: FromPath[str], data: JSONBody[UnitIn]) -> UnitChangeOut:
    """Register a unit. If a shelter requests this, the desk must grant it. Only the shelter fills in the profile."""
    return change(act, ChangeKind.NEW_UNIT, location_id, 0, data.model_dump(mode="json"))


@patch(
    "/units/{unit_id:str}",
    summary="Change a unit, or propose it",
    permission=Permission.UNIT_CHANGE,
)
def change_unit(act: Act, unit_id: FromPath[str], data: JSONBody[UnitPatch], version: int) -> UnitChangeOut:
    """Change a unit's name, scheme, limit or days. If a shelter requests this, the desk must grant it. `If-Match`: the
    version that you read.
    """
    values = data.model_dump(mode="json", exclude_unset=True)
    return change(act, ChangeKind.CHANGE_UNIT, unit_id, version, values)


@post(
    "/units/{unit_id:str}/move",
    summary="Move a unit, or propose it",
    permission=Permission.UNIT_CHANGE,
)
def move_unit(act: Act, unit_id: FromPath[str], data: JSONBody[UnitMoveIn], version: int) -> UnitChangeOut:
    """Move a unit with its clients to another location of its shelter. Rejected if the location is too near to a
    client's danger point.
    """
    return change(act, ChangeKind.MOVE_UNIT, unit_id, version, {"location": data.location})


@post(
    "/units/{unit_id:str}/close",
    summary="Close a unit, or propose it",
    permission=Permission.UNIT_CHANGE,
)
def close_unit(act: Act, unit_id: FromPath[str], data: JSONBody[ClosePlaceIn], version: int) -> UnitChangeOut:
    """Close a unit: it takes no new clients from a day on, and closes on its last day, or later when empty."""
    return change(act, ChangeKind.CLOSE_UNIT, unit_id, version, data.model_dump(mode="json", exclude_none=True))


@post("/units/{unit_id:str}/reopen", summary="Reopen a unit, or propose it", permission=Permission.UNIT_CHANGE)
def reopen_unit(act: Act, unit_id: FromPath[str], version: int) -> UnitChangeOut:
    """Reopen a unit, with the beds that it had before."""
    return change(act, ChangeKind.REOPEN_UNIT, unit_id, version, {})


def change(act: Act, kind: ChangeKind, target: str, version: int, values: Mapping[str, object]) -> UnitChangeOut:
    return change_out(act, change_requests.change(act, kind, target, version, values))


@operations.post(
    "/units/{unit_id:str}/rooms", summary="Register a room", permission=Permission.ROOM_CHANGE, status_code=201
)
def create_room(act: Act, unit_id: FromPath[str], data: JSONBody[NewRoomIn]) -> RegisteredRoomOut:
    """Register a room with its beds. A shelter can do this itself. The next capacity report must contain the room."""
    features = [feature.value for feature in data.features]
    made = register.make_room(
        act,
        unit_id,
        data.name,
        data.beds,
        features=features,
        opens_on=data.opens_on,
        open_until=data.open_until,
    )
    return room_today(act, made)


@operations.patch("/rooms/{room_id:str}", summary="Change a room", permission=Permission.ROOM_CHANGE)
def change_room(act: Act, room_id: FromPath[str], version: int, data: JSONBody[RoomPatch]) -> RegisteredRoomOut:
    """Change a room's name, beds, features, first day or last day. `If-Match`: the version that you read."""
    values = data.values()
    if "features" in values:
        values["features"] = sorted({feature.value for feature in values["features"]})
    return room_today(act, register.change_room(act, room_id, version, values))
