"""The register of shelters: making and changing providers, shelters, locations, units and rooms. Each function writes
an audit event and stores the earlier values (`versions.py`). `as_id`: the id of an imported place; without it, the
place gets a random id.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar, cast

from sqlmodel import col, select

from placement.access import permissions, register_queries
from placement.access.permissions import Permission, needs
from placement.access.register_queries import parts_of
from placement.accounts.accounts import make_organisation, rename_organisation_of
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import OrganisationKind, Region, Role, Scheme
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, existing
from placement.core.geography import Cell, Point, nearest_place
from placement.core.ids import new_id
from placement.core.name_validation import plain_name
from placement.core.place_codes import PlaceStatus
from placement.lifecycles.machine import begin
from placement.lifecycles.moves import PlaceMove
from placement.registrations.case import PointInput
from placement.registrations.points import point_of
from placement.registrations.registrations import require_version
from placement.shelters import doubted_places, versions
from placement.shelters.beds import add_beds, set_beds
from placement.tables import Bed, Location, Provider, Room, Shelter, Unit
from placement.tables.shelter import Lifetime

AnyPlace = TypeVar("AnyPlace", bound=Lifetime)


@needs(Permission.REGISTER_CHANGE)
def make_provider(act: Act, name: str, *, as_id: str | None = None) -> Provider:
    made = Provider(id=_free_id(act, Provider, as_id, "F"), name=plain_name(name))
    act.session.add(made)
    versions.record(act, made)
    audit_log.write(act, Event.PLACE_MADE, subject=made.id)
    return made


@needs(Permission.REGISTER_CHANGE)
def rename_provider(act: Act, provider_id: str, version: int, name: str) -> Provider:
    """Renames a provider. Raises `VersionPassed` if `version` is not the newest, like every function here that changes
    a place.
    """
    query = select(Provider).where(Provider.id == provider_id).with_for_update(key_share=True)
    found = existing(act.session.exec(query.execution_options(populate_existing=True)).first())
    require_version(version, found.version)
    with versions.changing(act, found):
        found.name = plain_name(name)
        found.version += 1
    audit_log.write(act, Event.PLACE_CHANGED, subject=found.id, fields=["name"])
    return found


@needs(Permission.REGISTER_CHANGE)
def make_shelter(
    act: Act,
    provider_id: str,
    name: str,
    *,
    opens_on: date | None = None,
    open_until: date | None = None,
    as_id: str | None = None,
) -> Shelter:
    """Makes a shelter. Also makes the organisation of its staff, so that they can be invited."""
    if act.session.get(Provider, provider_id) is None:
        raise Invalid.at("provider", "target_unknown", kind="provider", found=provider_id)
    made = Shelter(id=_free_id(act, Shelter, as_id, "X"), provider_id=provider_id, name=plain_name(name))
    _begin(act, made, opens_on or act.day, open_until)
    make_organisation(act, made.name, OrganisationKind.SHELTER, made.id)
    return made


@needs(Permission.REGISTER_CHANGE)
def make_location(
    act: Act,
    shelter_id: str,
    name: str,
    where: PointInput,
    *,
    region: Region | None = None,
    opens_on: date | None = None,
    open_until: date | None = None,
    as_id: str | None = None,
) -> Location:
    """Makes a location. Stores only the cell of about 10 km that contains its position. Without a region, the location
    gets the region of the nearest listed place.
    """
    shelter = register_queries.locked_place(act.session, act.actor, Permission.REGISTER_CHANGE, Shelter, shelter_id)
    _require_open(act, shelter)
    point = located(where)
    cell = Cell.of(point)
    made = Location(
        id=_free_id(act, Location, as_id, "J"),
        shelter_id=shelter.id,
        name=_name_free(act, name, Location, Location.shelter_id, shelter.id),
        region=region or Region(nearest_place(point).region),
        cell_row=cell.row,
        cell_column=cell.column,
    )
    _begin(act, made, _from(act, opens_on, shelter), open_until)
    return made


@needs(Permission.REGISTER_CHANGE)
def make_unit(
    act: Act,
    location_id: str,
    name: str,
    scheme: Scheme,
    *,
    high_care_limit: int | None = None,
    opens_on: date | None = None,
    open_until: date | None = None,
    profile: Mapping[str, Any] | None = None,
    as_id: str | None = None,
) -> Unit:
    """Makes a unit. The unit admits nobody until its shelter fills in a profile."""
    location = register_queries.locked_place(act.session, act.actor, Permission.REGISTER_CHANGE, Location, location_id)
    _require_open(act, location)
    made = Unit(
        id=_free_id(act, Unit, as_id, "U"),
        location_id=location.id,
        name=_name_free(act, name, Unit, Unit.location_id, location.id),
        scheme=scheme,
        **{"high_care_limit": high_care_limit, **(profile or {})},
    )
    _begin(act, made, _from(act, opens_on, location), open_until)
    return made


@needs(Permission.ROOM_CHANGE)
def make_room(
    act: Act,
    unit_id: str,
    name: str,
    beds: int,
    *,
    features: list[str] | None = None,
    opens_on: date | None = None,
    open_until: date | None = None,
    as_id: str | None = None,
) -> Room:
    """Makes a room with its beds. A shelter may make rooms in its own units; the desk may make them in any unit."""
    unit = register_queries.locked_place(act.session, act.actor, Permission.ROOM_CHANGE, Unit, unit_id)
    _require_open(act, unit)
    made = Room(
        id=_free_id(act, Room, as_id, "B"),
        unit_id=unit.id,
        name=_name_free(act, name, Room, Room.unit_id, unit.id),
        features=sorted(set(features or ())),
    )
    opens = _from(act, opens_on, unit)
    _begin(act, made, opens, open_until, beds=beds)
    add_beds(act, made, beds, opens)
    return made


def change_shelter(act: Act, shelter_id: str, version: int, values: Mapping[str, object]) -> Shelter:
    """Changes the name, the day of opening, or whether the shelter works by telephone. `values`: the columns by name,
    as in the functions below. A key with the scope `register` may change only the name.
    """
    if act.actor.role is not Role.SYSTEM:
        permissions.require(act.actor, Permission.REGISTER_CHANGE, can_ask=values.keys() == {"name"})
    shelter = _versioned(act, Permission.REGISTER_READ, Shelter, shelter_id, version)
    values = _as_kept(shelter.name, values)
    if "name" in values:
        rename_organisation_of(act, shelter, str(values["name"]))
    return _change(act, shelter, values)


@needs(Permission.REGISTER_CHANGE)
def change_location(
    act: Act, location_id: str, version: int, values: Mapping[str, object], where: PointInput | None = None
) -> Location:
    """Changes the name, region or day of opening. A new position (`where`) also removes the address; a new address must
    then be requested.
    """
    location = _versioned(act, Permission.REGISTER_CHANGE, Location, location_id, version)
    values = _as_kept(location.name, values)
    if "name" in values and values["name"] != location.name:
        _name_free(act, str(values["name"]), Location, Location.shelter_id, location.shelter_id)
    if where is None:
        return _change(act, location, values)
    point = located(where)
    cell = Cell.of(point)
    moved = {"cell_row": cell.row, "cell_column": cell.column, "region": Region(nearest_place(point).region)}
    if (cell.row, cell.column) != (location.cell_row, location.cell_column):
        moved["address"] = None
    return _change(act, location, {**moved, **values})


@needs(Permission.REGISTER_CHANGE)
def change_unit(act: Act, unit_id: str, version: int, values: Mapping[str, object]) -> Unit:
    """Changes the name, scheme, limit of high care or day of opening. The unit's profile contains all other facts."""
    unit = _versioned(act, Permission.REGISTER_CHANGE, Unit, unit_id, version)
    values = _as_kept(unit.name, values)
    if "name" in values and values["name"] != unit.name:
        _name_free(act, str(values["name"]), Unit, Unit.location_id, unit.location_id)
    return _change(act, unit, values)


@needs(Permission.ROOM_CHANGE)
def change_room(act: Act, room_id: str, version: int, values: Mapping[str, object]) -> Room:
    """Changes the name, features, day of opening, or number of beds (`beds`). The number can be lower than the number
    of beds in use. Each surplus bed then ends when it becomes free (`beds.py`).
    """
    room = _versioned(act, Permission.ROOM_CHANGE, Room, room_id, version)
    values = _as_kept(room.name, values)
    if "name" in values and values["name"] != room.name:
        _name_free(act, str(values["name"]), Room, Room.unit_id, room.unit_id)
    beds = cast("int | None", values.get("beds"))
    columns = {name: value for name, value in values.items() if name != "beds"}
    if beds is not None and room.status in {PlaceStatus.CLOSING, PlaceStatus.CLOSED}:
        raise Conflict("place_not_changeable", status=room.status.value)
    return _change(act, room, columns, beds=beds)


def _change(act: Act, place: AnyPlace, values: Mapping[str, object], *, beds: int | None = None) -> AnyPlace:
    """Sets the columns whose values differ. A day of opening can be changed only before that day, and a last day only
    while the place is planned or open.
    """
    doubted_places.open_anew(act, place, values)
    changed: dict[str, Any] = {name: value for name, value in values.items() if getattr(place, name) != value}
    if "opens_on" in changed:
        _require_planned(act, place, changed["opens_on"])
    if changed.get("open_until") is not None or "opens_on" in changed:
        _require_later(act, changed.get("opens_on", place.opens_on), changed.get("open_until", place.open_until))
    if "open_until" in changed and place.status not in {PlaceStatus.PLANNED, PlaceStatus.OPEN}:
        raise Conflict("place_not_changeable", status=place.status.value)
    with versions.changing(act, place):
        if "opens_on" in changed:
            _postpone(act, place, changed["opens_on"])
        for name, value in changed.items():
            setattr(place, name, value)
        if isinstance(place, Room) and beds is not None:
            set_beds(act, place, beds)
        place.version += 1
    audit_log.write(act, Event.PLACE_CHANGED, subject=place.id, fields=sorted(changed), beds=beds)
    return place


def _require_planned(act: Act, place: Lifetime, opens_on: date | None) -> None:
    if place.status is not PlaceStatus.PLANNED:
        raise Conflict("place_is_open", status=place.status.value)
    if opens_on is None or opens_on <= act.day:
        raise Invalid.at("opens_on", "day_not_ahead")


def _require_later(act: Act, opens_on: date | None, open_until: date | None) -> None:
    """Raises `Invalid` if the last day is not in the future, or if it is not after the first day."""
    if open_until is not None and open_until <= max(act.day, opens_on or act.day):
        raise Invalid.at("open_until", "day_not_ahead")


def _from(act: Act, opens_on: date | None, parent: Lifetime) -> date:
    """Returns the day on which a new place opens. It never opens before the place that contains it."""
    return max(opens_on or act.day, parent.opens_on or act.day)


def _begin(act: Act, place: Lifetime, opens_on: date, open_until: date | None, *, beds: int | None = None) -> None:
    _require_later(act, opens_on, open_until)
    place.opens_on, place.open_until = opens_on, open_until
    act.session.add(place)
    begin(act, place, PlaceMove.PLAN if opens_on > act.day else PlaceMove.MAKE, beds=beds)
    versions.record(act, place)


def _postpone(act: Act, place: Lifetime, opens_on: date) -> None:
    """Postpones the parts of a place, so that no part opens before the place. The beds of a room open with the room."""
    if isinstance(place, Room):
        for bed in act.session.exec(select(Bed).where(Bed.room_id == place.id, col(Bed.from_on) == place.opens_on)):
            bed.from_on = opens_on
        return
    for part in parts_of(act.session, place):
        if part.opens_on is not None and part.opens_on < opens_on:
            with versions.changing(act, part):
                _postpone(act, part, opens_on)
                part.opens_on = opens_on
                part.version += 1


def _versioned(act: Act, permission: Permission, table: type[AnyPlace], place_id: str, version: int) -> AnyPlace:
    found = register_queries.locked_place(act.session, act.actor, permission, table, place_id)
    require_version(version, found.version)
    return found


def _require_open(act: Act, parent: Lifetime) -> None:
    """Raises `Conflict` if the place, or a place that contains it, is closing, because a new part would stay open."""
    for place in (parent, *register_queries.parents_of(act.session, parent)):
        if place.status in {PlaceStatus.CLOSING, PlaceStatus.CLOSED}:
            raise Conflict("parent_closing", status=place.status.value)


def located(where: PointInput) -> Point:
    """Returns the point that the input describes. Raises `Invalid` if the input is wrong."""
    faults: list[Fault] = []
    point = point_of("where", where, faults)
    if faults or point is None:
        raise Invalid(faults)
    return Point(point["lat"], point["lon"])


def _as_kept(name: str, values: Mapping[str, object]) -> Mapping[str, object]:
    """Returns the values with the name cleaned, as it is stored. An unchanged name is not cleaned."""
    is_new = "name" in values and values["name"] != name
    return {**values, "name": plain_name(str(values["name"]))} if is_new else values


def _name_free(act: Act, name: str, table: Any, parent: object, parent_id: str) -> str:
    """Returns the name in stored form. Raises `Invalid` if another open place of the same parent has this name."""
    name = plain_name(name)
    query = select(table.id).where(parent == parent_id, table.name == name, table.status != PlaceStatus.CLOSED)
    if act.session.exec(query.limit(1)).first() is not None:
        raise Invalid.at("name", "name_taken", found=name)
    return name


def _free_id(act: Act, table: type[Provider | Lifetime], wanted: str | None, letter: str) -> str:
    if wanted is None:
        return new_id(letter)
    if act.session.exec(select(col(table.id)).where(col(table.id) == wanted)).first() is not None:
        raise Invalid.at("id", "id_taken", found=wanted)
    return wanted
