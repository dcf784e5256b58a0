"""Models of the register's operations on shelters, locations, units and rooms."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field

from api.http.context import Input, Output, Versioned
from api.http.field_types import LEFT_OUT, Code, Day
from api.http.readers import readable_by
from api.v1.second_person import SecondPersonRequestOut, serialize_request
from placement.core.codes import Region, Role, RoomFeature, Scheme
from placement.core.context import Act
from placement.core.geography import Cell, nearest_place
from placement.core.place_codes import PlaceStatus
from placement.registrations.case import PointInput
from placement.shelters.beds import beds_of
from placement.shelters.reads import ShelterTree
from placement.shelters.register import located
from placement.tables import Location, Room, SecondPersonRequest, Shelter, Unit

_NAME: Any = {"min_length": 1, "max_length": 100}
_SOUTH, _NORTH, _WEST, _EAST = 50.7, 53.7, 3.2, 7.3

_OPEN_UNTIL = "Its last day, of a place that is open for a time: it takes clients until then, and nobody new on it."


class ProviderIn(Input):
    name: str = Field(**_NAME)


class ShelterIn(Input):
    provider: Code
    name: str = Field(**_NAME)
    opens_on: Day | None = Field(None, description="The first day; left out: today.")
    open_until: Day | None = Field(None, description=_OPEN_UNTIL)


class PlacePatch(BaseModel):
    """Changed values; others stay. `opens_on` can be changed until the place opens, `open_until` until it closes."""

    name: str = Field(LEFT_OUT, **_NAME)
    opens_on: Day = LEFT_OUT
    open_until: Day | None = Field(LEFT_OUT, description=f"{_OPEN_UNTIL} null: it has no last day any more.")

    def values(self) -> dict[str, Any]:
        """Returns the values that were sent, by name of the column."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class ShelterPatch(PlacePatch, Input):
    works_by_telephone: bool = Field(LEFT_OUT, description="true: the desk calls the shelter, and does its tasks.")


class WhereIn(Input):
    """A listed place (`Rotterdam`), or coordinates. The service stores only a cell of about 10 km around it."""

    place: str | None = Field(None, max_length=100)
    lat: float | None = Field(None, ge=_SOUTH, le=_NORTH)
    lon: float | None = Field(None, ge=_WEST, le=_EAST)

    def point(self) -> PointInput:
        return PointInput(self.place, self.lat, self.lon)


class LocationIn(Input):
    name: str = Field(description="A name within the shelter that does not disclose its place.", **_NAME)
    where: WhereIn
    region: Region | None = Field(None, description="Left out: the region of the nearest listed place.")
    opens_on: Day | None = None
    open_until: Day | None = Field(None, description=_OPEN_UNTIL)


class LocationPatch(PlacePatch, Input):
    region: Region = LEFT_OUT
    where: WhereIn = Field(LEFT_OUT, description="In another cell the address ends, and must be requested again.")


AnyLocation = TypeVar("AnyLocation", LocationIn, LocationPatch)


def within_cell(body: AnyLocation) -> AnyLocation:
    """Replaces the exact position in the body by the centre of its 10-km cell. Adds the region of the exact position
    unless the body has a region. Returns a body without a position unchanged.
    """
    if "where" not in body.model_fields_set:
        return body
    point = located(body.where.point())
    centre = Cell.of(point).centre
    where = WhereIn(lat=min(max(centre.lat, _SOUTH), _NORTH), lon=min(max(centre.lon, _WEST), _EAST))
    chosen = body.region if "region" in body.model_fields_set else None
    return body.model_copy(update={"where": where, "region": chosen or Region(nearest_place(point).region)})


class UnitIn(Input):
    name: str = Field(**_NAME)
    scheme: Scheme
    high_care_limit: int | None = Field(None, ge=0, le=100)
    opens_on: Day | None = None
    open_until: Day | None = Field(None, description=_OPEN_UNTIL)


class UnitPatch(PlacePatch, Input):
    scheme: Scheme = LEFT_OUT
    high_care_limit: int | None = Field(LEFT_OUT, ge=0, le=100)


class UnitMoveIn(Input):
    location: Code = Field(description="Another location of the same shelter.")


class NewRoomIn(Input):
    name: str = Field(**_NAME)
    beds: int = Field(ge=1, le=100)
    features: list[RoomFeature] = Field(default=[], max_length=20)
    opens_on: Day | None = None
    open_until: Day | None = Field(None, description=_OPEN_UNTIL)


class RoomPatch(PlacePatch, Input):
    beds: int = Field(
        LEFT_OUT, ge=0, le=100, description="If fewer than are in use, each surplus bed ends when it becomes free."
    )
    features: list[RoomFeature] = Field(LEFT_OUT, max_length=20)


class ClosePlaceIn(Input):
    until: Day = Field(description="The day by which the place must be empty.")
    no_new_from: Day | None = Field(
        None, description="The first day without new clients; left out: the day that was set before, otherwise today."
    )


class AddressIn(Input):
    address: str = Field(min_length=5, max_length=200, description="Stored encrypted. No answer contains it.")


class ProviderOut(Versioned, Output):
    id: str
    name: str


class ProvidersOut(Output):
    items: list[ProviderOut]


class PlaceOut(Versioned):
    id: str
    name: str
    status: PlaceStatus
    opens_on: date | None = Field(description="null: the place opened before the service knew of it.")
    open_until: date | None = Field(description=_OPEN_UNTIL)
    closes_on: date | None = Field(description="The day by which a closing place must be empty.")
    no_new_from: date | None = Field(description="The first day on which a closing place takes nobody new.")
    closed_on: date | None
    is_in_doubt: bool = Field(description="Whether it was changed outside the service: then it takes nobody.")


class RegisteredShelterOut(PlaceOut, Output):
    provider: str
    works_by_telephone: bool = Field(description="true: the desk calls the shelter, and does its tasks.")


class SheltersOut(Output):
    items: list[RegisteredShelterOut]


class RegisteredRoomOut(PlaceOut, Output):
    unit: str
    beds: int
    beds_wanted: int | None = Field(description="Set if more are in use than wanted: desk and shelter agree who moves.")
    features: list[str]


class RegisteredUnitOut(PlaceOut, Output):
    location: str
    scheme: str
    high_care_limit: int | None
    has_profile: bool = Field(description="Until its shelter has entered whom it admits, nobody is placed there.")
    rooms: list[RegisteredRoomOut]


class RegisteredLocationOut(PlaceOut, Output):
    shelter: str
    region: str
    has_address: bool
    units: list[RegisteredUnitOut]


class ShelterTreeOut(RegisteredShelterOut):
    """A shelter with all its parts, including closed parts."""

    provider_name: str
    locations: list[RegisteredLocationOut]


class RoomOnDayOut(Output):
    id: str
    unit: str
    name: str
    beds: int
    features: list[str]


class RoomsOnDayOut(Output):
    as_of: date
    items: list[RoomOnDayOut]


class LeaverOut(Output):
    """A client who lives in the place or is expected there."""

    stay: str
    unit: str
    starts_on: date | None = Field(description="The day of arrival; null for a client who is expected.")


class ConsequencesOut(Output):
    """The residents, holds and proposals that must be settled before a place closes."""

    id: str
    status: PlaceStatus
    closes_on: date | None
    rooms: int
    beds: int
    stays: list[LeaverOut]
    holds: list[str] = Field(description="Beds kept for others; a shelter sees no id if the hold waits for a decision.")
    kept: int = Field(description="The number of all holds.")
    proposals: Annotated[int | None, readable_by(Role.DESK)] = Field(
        description="Open proposals that name a unit there; not shown to a shelter, which was not asked yet."
    )
    version: int


class UnitChangeOut(Output):
    """The result of a change: `unit` if it was made at once, `request` if the desk must grant it."""

    unit: RegisteredUnitOut | None
    request: SecondPersonRequestOut | None

    def etag(self) -> str | None:
        return self.unit.etag() if self.unit else None


def shelter_out(shelter: Shelter) -> RegisteredShelterOut:
    return RegisteredShelterOut.of(shelter)


def location_out(location: Location, units: Iterable[RegisteredUnitOut] = ()) -> RegisteredLocationOut:
    return RegisteredLocationOut.of(location, has_address=location.address is not None, units=list(units))


def unit_out(unit: Unit, rooms: Iterable[RegisteredRoomOut] = ()) -> RegisteredUnitOut:
    return RegisteredUnitOut.of(unit, has_profile=bool(unit.admits), rooms=list(rooms))


def room_out(room: Room, beds: int) -> RegisteredRoomOut:
    return RegisteredRoomOut.of(room, beds=beds)


def room_today(act: Act, room: Room) -> RegisteredRoomOut:
    return room_out(room, len(beds_of(act, room)))


def tree_out(tree: ShelterTree) -> ShelterTreeOut:
    rooms = [room_out(room, tree.beds.get(room.id, 0)) for room in tree.rooms]
    units = [unit_out(unit, [room for room in rooms if room.unit == unit.id]) for unit in tree.units]
    return ShelterTreeOut.of(
        tree.shelter,
        provider_name=tree.provider.name,
        locations=[
            location_out(location, [unit for unit in units if unit.location == location.id])
            for location in tree.locations
        ],
    )


def change_out(act: Act, done: Unit | SecondPersonRequest) -> UnitChangeOut:
    if isinstance(done, Unit):
        return UnitChangeOut(unit=unit_out(done), request=None)
    return UnitChangeOut(unit=None, request=serialize_request(act, done))
