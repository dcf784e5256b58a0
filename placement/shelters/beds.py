"""Beds of a room over time: a bed that is taken away keeps its period, so that the counts of past days stay right."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select

from placement.core.context import Act
from placement.storage.bed_claims import beds_of_rooms, claims_on
from placement.tables import Bed, BedClaim, Location, Room, RoomClosure, Shelter, Unit
from placement.tables.columns import expression


def beds_on(session: Session, room_ids: Sequence[str], day: date) -> dict[str, list[Bed]]:
    """Returns, by room, the beds that exist on this day, in order of their numbers."""
    found: dict[str, list[Bed]] = {room: [] for room in room_ids}
    query = select(Bed).where(col(Bed.room_id).in_(room_ids)).order_by(Bed.room_id, col(Bed.number))
    for bed in session.exec(query):
        if bed.exists_on(day):
            found[bed.room_id].append(bed)
    return found


def begun(beds: Iterable[Bed]) -> date:
    """Returns the day since which a room has these beds: a count from before a closure does not apply afterwards."""
    return min((bed.from_on or date.min for bed in beds), default=date.max)


def claimed_bed_ids(session: Session, room_ids: Sequence[str], day: date) -> set[int]:
    """Returns the beds of these rooms that a hold or stay has, today or from a later day on."""
    return {claim.bed_id for claim in claims_on(session, beds_of_rooms(session, room_ids), *live(day))}


def live(day: date) -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions under which a claim counts today or later."""
    return (
        col(BedClaim.cancelled).is_(False),
        or_(col(BedClaim.ends_on).is_(None), col(BedClaim.ends_on) > day),
    )


def add_beds(act: Act, room: Room, count: int, from_on: date) -> None:
    """Adds beds to a room from this day on, under numbers that were never used in it."""
    numbers = act.session.exec(select(Bed.number).where(Bed.room_id == room.id)).all()
    first = max(numbers, default=0) + 1
    act.session.add_all(Bed(room_id=room.id, number=number, from_on=from_on) for number in range(first, first + count))
    act.session.flush()


def set_beds(act: Act, room: Room, wanted: int) -> None:
    """Gives a room this number of beds. Free beds are taken away at once, the highest numbers first. If more beds are
    in use, the room keeps those, gives no free bed out, and loses each when it becomes free: a discrepancy until then.
    """
    here = beds_of(act, room)
    if wanted > len(here):
        add_beds(act, room, wanted - len(here), max(act.day, room.opens_on or act.day))
        room.beds_wanted = None
    else:
        _take_away(act, room, here, wanted)


def settle_beds(act: Act, room: Room) -> None:
    """Takes away beds that have become free, in a room that is to have fewer."""
    if room.beds_wanted is not None:
        _take_away(act, room, beds_of(act, room), room.beds_wanted)


def beds_of(act: Act, room: Room) -> list[Bed]:
    """Returns the beds of a room today, or on its first day if it opens later."""
    return beds_on(act.session, [room.id], max(act.day, room.opens_on or act.day))[room.id]


def _take_away(act: Act, room: Room, here: Sequence[Bed], wanted: int) -> None:
    claimed = claimed_bed_ids(act.session, [room.id], act.day)
    free = [bed for bed in here if bed.id not in claimed]
    too_many = len(here) - wanted
    gone = free[max(0, len(free) - too_many) :] if too_many else []
    end(act, gone)
    room.beds_wanted = wanted if len(gone) < too_many else None


def end(act: Act, beds: Sequence[Bed]) -> None:
    """Ends the period of beds today; a bed that would open later gets an empty period."""
    for bed in beds:
        bed.until_on = act.day if bed.from_on is None else max(act.day, bed.from_on)
    act.session.flush()


def closed_room_ids(session: Session, day: date) -> set[str]:
    """Returns the rooms that take nobody new on this day, since they or what they are part of are closing or have their
    last day.
    """
    rooms = select_columns(col(Room.id), *first_closed_days(day)).select_from(Room)
    rooms = rooms.join(Unit, col(Unit.id) == Room.unit_id).join(Location).join(Shelter)
    return {room for room, *days in session.execute(rooms) if is_closed(days, day)}


def first_closed_days(day: date) -> tuple[ColumnElement[object], ...]:
    """Returns the columns with the first days, from this day on, on which the room of a query takes nobody new. The
    query joins unit, location and shelter.
    """
    closure = select(func.min(RoomClosure.since)).where(
        col(RoomClosure.room_id) == col(Room.id), or_(col(RoomClosure.until).is_(None), col(RoomClosure.until) > day)
    )
    places = (Room, Unit, Location, Shelter)
    return closure.correlate(Room).scalar_subquery(), *(expression(one.open_until) for one in places)


def is_closed(days: Iterable[date | None], on: date) -> bool:
    """Checks whether a room with these first closed days takes nobody new on this day."""
    return any(day is not None and day <= on for day in days)


def existing(day: date) -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions under which a bed exists on a day (`Bed.exists_on`)."""
    return (
        or_(col(Bed.from_on).is_(None), col(Bed.from_on) <= day),
        or_(col(Bed.until_on).is_(None), col(Bed.until_on) > day),
    )
