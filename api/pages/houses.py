"""The page of a shelter: its rooms with the use of each bed, requests to the shelter, and telephone numbers. Clients
are only counted, except in requests that wait for the shelter's answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import get
from api.pages.capacity import still
from api.pages.frame import Page, page
from api.pages.natural_order import by_name
from api.v1 import holds, stays
from api.v1.capacity import CapacityOut, RoomOut, read_capacity
from api.v1.holds import HeldRoomOut, HoldOut
from api.v1.places import RegisteredLocationOut, RegisteredRoomOut, RegisteredUnitOut, ShelterTreeOut
from api.v1.shelter_telephones import ShelterTelephonesOut, read_shelter_telephones
from api.v1.shelters import read_shelter
from api.v1.stays import StayOut
from placement.access.permissions import Permission
from placement.capacity.unit_profile import units_of_shelter
from placement.core.context import Act
from placement.core.place_codes import BedUse, PlaceStatus
from placement.placements import reads
from placement.registrations.case_summary import briefs_of


@dataclass(frozen=True, slots=True)
class Resident:
    """A household that lives in a room: number of persons (`None` if unreadable), stay and rooms."""

    persons: int | None
    stay: StayOut

    @property
    def limit(self) -> int | None:
        """The limit of the stay in days, or `None`."""
        stay = self.stay
        return (stay.limit_on - stay.clock_from).days if stay.limit_on and stay.clock_from else None


@dataclass(frozen=True, slots=True)
class Arriving:
    """A hold, with the number of its beds in this room."""

    hold: HoldOut
    room: HeldRoomOut


@dataclass(frozen=True, slots=True)
class RoomTile:
    """A room on the page. `known`: its last report; `None` if the room has no bed today."""

    place: RegisteredRoomOut
    known: RoomOut | None
    residents: Sequence[Resident] = ()
    expected: Sequence[Arriving] = ()
    asked: Sequence[Arriving] = ()

    @property
    def kept_empty(self) -> int:
        """The number of beds that stay empty because a household has the room alone. 0 if a resident household has an
        unknown number of persons, or also lives in other rooms.
        """
        there = [one.persons for one in self.residents if one.persons is not None and len(one.stay.rooms) == 1]
        return max(0, self._of_residents - sum(there)) if len(there) == len(self.residents) > 0 else 0

    @property
    def _of_residents(self) -> int:
        """The number of the room's beds that are given to its residents, including beds that stay empty."""
        coming = sum(part.room.beds for part in (*self.expected, *self.asked))
        return min(self.known.beds, max(0, self.known.taken - self.known.kept - coming)) if self.known else 0

    @property
    def uses(self) -> list[BedUse]:
        """The use of each bed, in this order: residents, expected clients, and all other uses. If there are more uses
        than beds, the last uses are left out. A bed that stays empty is `NOT_GIVEN`.
        """
        room = self.known
        if room is None:
            return []
        expected, asked = (sum(part.room.beds for part in of_kind) for of_kind in (self.expected, self.asked))
        numbers = {
            BedUse.LIVES: self._of_residents - self.kept_empty,
            BedUse.EXPECTED: expected,
            BedUse.ASKED: asked,
            BedUse.KEPT: room.kept,
            BedUse.OTHERS: sum(use.count for use in room.used_by_others),
            BedUse.OUT: room.out_of_service.beds,
            BedUse.FREE: room.free_now,
            BedUse.NOT_GIVEN: room.beds,
        }
        return [use for use, number in numbers.items() for _ in range(number)][: room.beds]


@dataclass(frozen=True, slots=True)
class Admission:
    """The persons whom a unit admits. `children`: the highest age of a child with an adult."""

    genders: Sequence[str]
    min_age: int
    max_age: int
    children: int | None


@dataclass(frozen=True, slots=True)
class UnitTiles:
    place: RegisteredUnitOut
    location: RegisteredLocationOut
    admission: Admission
    rooms: list[RoomTile]

    @property
    def beds(self) -> int:
        return sum(room.known.beds for room in self.rooms if room.known)

    @property
    def free(self) -> int:
        return sum(room.known.free_now for room in self.rooms if room.known)


@dataclass(frozen=True, slots=True)
class House:
    known: CapacityOut
    tree: ShelterTreeOut
    rung: ShelterTelephonesOut
    units: list[UnitTiles]
    asked: list[HoldOut]
    """Requests that wait for the shelter's answer."""
    beds: int
    uses: list[BedUse]
    """The uses that occur in the shelter, for the legend."""


@get("/shelters/{shelter_id:str}", permission=Permission.CAPACITY_READ)
def show_house(request: Page, acts: RequestActs, shelter_id: FromPath[str]) -> Response[str]:
    return page(request, "shelter.html", acts.show("shelter", lambda act: _house(act, shelter_id), *_NEEDED))


def _house(act: Act, shelter_id: str) -> House:
    known = still(read_capacity(act, shelter_id), act.day)
    tree = read_shelter(act, shelter_id)
    units = _units(act, known, tree)
    uses = {use for unit in units for room in unit.rooms for use in room.uses}
    asked = [part.hold for unit in units for room in unit.rooms for part in room.asked]
    return House(
        known=known,
        tree=tree,
        rung=read_shelter_telephones(act, shelter_id),
        units=units,
        asked=list({hold.id: hold for hold in asked}.values()),
        beds=sum(unit.beds for unit in units),
        uses=[use for use in BedUse if use in uses],
    )


def _units(act: Act, known: CapacityOut, tree: ShelterTreeOut) -> list[UnitTiles]:
    asked, expected, housed = reads.asked_of_shelter(act, tree.id)
    of_holds = {row.id: row for row in holds.serialize_holds(act, [*asked, *expected])}
    briefs = briefs_of(act, [stay.registration_id for stay in housed], housed=True)
    residents = [
        Resident(len(brief.persons) if (brief := briefs.get(stay.registration)) else None, stay)
        for stay in stays.serialize_stays(act, housed)
    ]
    reports = {room.room: room for room in known.rooms}

    def tile(room: RegisteredRoomOut) -> RoomTile:
        return RoomTile(
            place=room,
            known=reports.get(room.id),
            residents=[who for who in residents if room.id in {lived.room for lived in who.stay.rooms}],
            expected=_in_room(room.id, (of_holds[row.id] for row in expected)),
            asked=_in_room(room.id, (of_holds[row.id] for row in asked)),
        )

    admissions = {
        unit.id: Admission(unit.admits, unit.min_age, unit.max_age, unit.children_max_age)
        for unit in units_of_shelter(act.session, tree.id)
    }
    return [
        UnitTiles(unit, location, admissions[unit.id], [tile(room) for room in by_name(unit.rooms) if _is_shown(room)])
        for location in tree.locations
        for unit in location.units
        if _is_shown(unit)
    ]


def _in_room(room_id: str, found: Iterable[HoldOut]) -> list[Arriving]:
    return [Arriving(hold, room) for hold in found for room in hold.rooms if room.room == room_id]


def _is_shown(place: RegisteredRoomOut | RegisteredUnitOut) -> bool:
    return place.status is not PlaceStatus.CLOSED


_NEEDED = (
    Permission.CAPACITY_READ,
    Permission.REGISTER_READ,
    Permission.SHELTER_TELEPHONE_READ,
    Permission.HOLD_READ,
    Permission.STAY_READ,
)
