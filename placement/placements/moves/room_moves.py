"""Moves within a shelter: a household moves to other rooms, or two households exchange rooms, in one act.

The stay, its clock and its hold remain; only the beds change, from today on. The rules are checked in the same way as
after a change of the client's facts (`stays/fact_changes.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlmodel import col, select

from matching import RoomUse, choose_rooms
from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.room_state import room_states
from placement.core.codes import StayStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, NotFound, Telling
from placement.core.place_codes import RoomsLack
from placement.crypto.encrypted_columns import is_readable
from placement.placements.decisions.present_problem import SAFETY_RULES
from placement.placements.stays.place_fit import ROOMS, PlaceHeld, broken_by, broken_in
from placement.registrations.case_rows import require_readable
from placement.registrations.registrations import supersede_proposals, touch
from placement.solver.snapshot_lodgings import Lodging, problems_where_lived, units_beside
from placement.storage.bed_claims import STANDING
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import BedClaim, Location, Registration, Room, Stay, Unit

NOTHING_SEEN: Mapping[str, Collection[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _MovingHousehold:
    """A household that moves to these rooms of a unit. `rules`: the rules that break in its new place and that a person
    has confirmed, now or before.
    """

    place: PlaceHeld
    registration: Registration
    unit: Unit
    uses: Sequence[RoomUse]
    rules: Collection[str]

    @property
    def stay(self) -> Stay:
        assert isinstance(self.place.row, Stay)  # noqa: S101  (only a household in house is moved)
        return self.place.row


@needs(Permission.STAY_MOVE)
def move(
    act: Act, stay_id: str, rooms: Sequence[str], *, confirm: bool = False, seen: Collection[str] | None = None
) -> Stay:
    """Moves the household to these rooms from today on. All rooms must belong to the same unit of the household's
    shelter.

    `seen`: the household's rooms that the actor's page showed. Raises `Invalid` at `rooms` if a room is unknown or
    elsewhere, and at `confirm` if a newly broken rule is not confirmed. Raises `Conflict` if the client is not in
    house, lives in other rooms than `seen`, or would have no bed. Also raises it if a safety rule would break.
    """
    known = scoped_queries.stay_of(act.session, act.actor, stay_id)
    lock_shelter_of_unit(act.session, known.unit_id)
    stay = _in_house(act, stay_id)
    unit = _unit_of(act, stay, rooms)
    place = PlaceHeld(stay)
    _require_seen(act, place, seen)
    going = _checked(act, place, unit, set(rooms), place.claims(act), confirm=confirm)
    _carry_out(act, [going])
    return stay


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of a move within the shelter. `rooms`: each room with its unit's name and its number of free beds.
    `others`: stays whose households can exchange rooms with this client.
    """

    stay: Stay
    rooms: list[tuple[Room, str, int]]
    others: list[Stay]


@needs(Permission.STAY_MOVE)
def choices(act: Act, stay_id: str) -> Choices:
    """Returns the rooms of the client's shelter, and the stays of the other residents."""
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id)
    here = select(Unit).join(Location).where(Location.shelter_id == _shelter_of(act, stay.unit_id))
    units = {unit.id: unit.name for unit in act.session.exec(here.order_by(Unit.id))}
    states = room_states(act.session, act.day, units=units)
    rooms = [(one.room, units[one.room.unit_id], one.vacancy.free_now) for one in states.values()]
    lived_in = {claim.registration_id for one in states.values() for claim in one.claims}
    in_house = scoped_queries.stays_of(act.session, act.actor, *STANDING).where(Stay.status == StayStatus.IN_HOUSE)
    in_house = in_house.where(col(Stay.registration_id).in_(lived_in), Stay.id != stay.id).order_by(Stay.id)
    readable = [one for one in act.session.exec(in_house) if is_readable(one.unit_id, one.starts_on)]
    others = [one for one in readable if one.unit_id in units]
    shown = [one.registration_id for one in (stay, *others)]
    audit_log.write(act, Event.STAYS_LISTED, shown=shown, status=StayStatus.IN_HOUSE, offset=0)
    return Choices(stay, rooms, others)


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """A room in which the whole household could have beds today. `new`: the rules that would newly break there and that
    a person must confirm. They never include a safety rule.
    """

    room: Room
    unit: Unit
    new: tuple[str, ...]


@needs(Permission.STAY_MOVE)
def open_rooms(act: Act, stay_id: str) -> list[OpenRoom]:
    """Returns the rooms in which this household could live now. Empty if the client is not in house."""
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id)
    audit_log.write(act, Event.STAYS_LISTED, shown=[stay.registration_id], status=stay.status, offset=0)
    registration = act.session.get_one(Registration, stay.registration_id)
    if stay.status is not StayStatus.IN_HOUSE or not is_readable(registration.content, stay.unit_id):
        return []
    place = PlaceHeld(stay)
    own, claims = place.rooms(act), place.claims(act)
    here = select(Unit).join(Location).where(Location.shelter_id == _shelter_of(act, stay.unit_id))
    units = {unit.id: unit for unit in act.session.exec(here)}
    found = []
    for state in room_states(act.session, act.day, units=units).values():
        if state.room.id in own or not state.vacancy.free_now:
            continue
        unit = units[state.room.unit_id]
        try:
            _, new = _seated(act, place, unit, {state.room.id}, claims)
        except Conflict:
            continue
        if not SAFETY_RULES.intersection(new):
            found.append(OpenRoom(state.room, unit, tuple(new)))
    return found


@needs(Permission.STAY_MOVE)
def swap(
    act: Act, stay_id: str, other_id: str, *, confirm: bool = False, seen: Mapping[str, Collection[str]] = NOTHING_SEEN
) -> tuple[Stay, Stay]:
    """Exchanges the rooms of two households of a shelter from today on, or changes nothing. `seen`: by stay, the rooms
    that the actor's page showed. Raises the errors of `move`. An unknown stay and another shelter's stay give the same
    error.
    """
    known = scoped_queries.stay_of(act.session, act.actor, stay_id)
    try:
        scoped_queries.stay_of(act.session, act.actor, other_id)
    except NotFound:
        raise Invalid.at("stay", "stay_of_other_shelter", found=other_id) from None
    lock_shelter_of_unit(act.session, known.unit_id)
    first, second = (_in_house(act, one) for one in sorted((stay_id, other_id)))
    places = PlaceHeld(first), PlaceHeld(second)
    for place in places:
        _require_seen(act, place, seen.get(place.row.id))
    rooms = places[0].rooms(act), places[1].rooms(act)
    if _shelter_of(act, first.unit_id) != _shelter_of(act, second.unit_id):
        raise Invalid.at("stay", "stay_of_other_shelter", found=other_id)
    if rooms[0] & rooms[1]:
        raise Invalid.at("stay", "same_room", found=other_id)
    claims = [*places[0].claims(act), *places[1].claims(act)]
    units = [act.session.get_one(Unit, one.unit_id) for one in (second, first)]
    going = [
        _checked(act, place, unit, to, claims, confirm=confirm)
        for place, unit, to in zip(places, units, reversed(rooms), strict=True)
    ]
    _carry_out(act, going)
    return (first, second) if first.id == stay_id else (second, first)


def _in_house(act: Act, stay_id: str) -> Stay:
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id, lock=True)
    if stay.status is not StayStatus.IN_HOUSE:
        raise Conflict("stay_not_in_house", status=stay.status.value)
    require_readable(act.session.get_one(Registration, stay.registration_id))
    return stay


def _require_seen(act: Act, place: PlaceHeld, seen: Collection[str] | None) -> None:
    """Raises `Conflict` if the household lives in other rooms than `seen`. If `seen` is `None`, checks nothing."""
    lives_in = place.rooms(act)
    if seen is None or set(seen) == lives_in:
        return
    named = select(Unit.name, Room.name).join(Room).where(col(Room.id).in_(lives_in)).order_by(Room.id)
    rooms = [" · ".join(names) for names in act.session.exec(named)]
    raise Conflict("lives_otherwise", registration=place.row.registration_id, rooms=rooms)


def _unit_of(act: Act, stay: Stay, rooms: Sequence[str]) -> Unit:
    """Returns the unit to which all these rooms belong. Raises `Invalid` if they belong to several units, or to a
    shelter in which the client does not live.
    """
    if not rooms:
        raise Invalid.at("rooms", "missing")
    found = [act.session.get(Room, room) for room in rooms]
    here = found[0].unit_id if found[0] is not None else stay.unit_id
    known = [one is not None and one.unit_id == here for one in found]
    if all(known) and _shelter_of(act, here) != _shelter_of(act, stay.unit_id):
        known = [False] * len(known)
    if not all(known):
        faults = zip(rooms, known, strict=True)
        raise Invalid(
            [
                Fault(f"rooms.{number}", "room_not_of_unit", {"room": room, "unit": here})
                for number, (room, fits) in enumerate(faults)
                if not fits
            ]
        )
    return act.session.get_one(Unit, here)


def _shelter_of(act: Act, unit_id: str) -> str:
    location = act.session.get_one(Unit, unit_id).location_id
    return act.session.get_one(Location, location).shelter_id


def _checked(
    act: Act, place: PlaceHeld, unit: Unit, rooms: set[str], free: Collection[BedClaim], *, confirm: bool
) -> _MovingHousehold:
    """Chooses beds in these rooms and checks the rules there, as if the claims `free` were already given up."""
    going, new = _seated(act, place, unit, rooms, free)
    if SAFETY_RULES.intersection(new):
        raise Conflict("move_breaks_safety", rules=new)
    if new and not confirm:
        raise Telling.at("confirm", "place_breaks", rules=new)
    return going


def _seated(
    act: Act, place: PlaceHeld, unit: Unit, rooms: set[str], free: Collection[BedClaim]
) -> tuple[_MovingHousehold, list[str]]:
    """Chooses beds in these rooms. Also returns the rules that break there and did not break before. Raises `Conflict`
    if there are too few beds.
    """
    registration = act.session.get_one(Registration, place.row.registration_id)
    held_before = {one.rule for one in broken_in(act, registration, place)}
    there = units_beside(act.session, [unit.id])[unit.id]
    [problem] = problems_where_lived(act, [Lodging(registration, *there, claims=free, own_rooms=rooms)])
    uses = choose_rooms(problem, registration.id, unit.id) if any(row.id == unit.id for row in problem.units) else None
    if uses is None or any(room.free_from > act.day for room in problem.rooms if room.id in {use.room for use in uses}):
        raise Conflict("rooms_gone", why=RoomsLack.TOO_FEW_BEDS.value)
    broken = {one.rule for one in broken_by(act, problem, registration, unit)} - {ROOMS}
    new = sorted(broken - held_before)
    return _MovingHousehold(place, registration, unit, uses, broken & {*new, *registration.breaks}), new


def _carry_out(act: Act, going: Sequence[_MovingHousehold]) -> None:
    """Moves the households. Ends all old claims before adding new claims, so that two households can exchange beds."""
    old = {one.stay.id: one.place.claims(act) for one in going}
    for claims in old.values():
        for claim in claims:
            claim.ends_on = max(claim.starts_on, act.day)
    act.session.flush()
    for one in going:
        _claim(act, one, old[one.stay.id])
        one.stay.unit_id = one.unit.id
        one.registration.breaks = sorted(one.rules)
        touch(one.registration)
        supersede_proposals(act, one.registration.id)
        audit_log.write(act, Event.STAY_MOVED, registration=one.registration.id, subject=one.stay.id)


def _claim(act: Act, going: _MovingHousehold, old: Sequence[BedClaim]) -> None:
    whole = all(claim.whole_room for claim in old)
    states = room_states(act.session, act.day, units=[going.unit.id])
    persons = [person.id for person in going.registration.persons]
    for use in going.uses:
        here, persons = persons[: use.persons], persons[use.persons :]
        free = states[use.room].free_bed_ids
        beds = free if whole else free[: use.persons]
        act.session.add_all(
            BedClaim(
                bed_id=bed,
                hold_id=going.stay.hold_id,
                stay_id=going.stay.id,
                registration_id=going.registration.id,
                person_id=person,
                whole_room=whole,
                starts_on=act.day,
            )
            for bed, person in zip(beds, [*here, *[None] * (len(beds) - len(here))], strict=True)
        )
    act.session.flush()
