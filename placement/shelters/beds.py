"""The beds of a room over time. A removed bed keeps its period, because figures of past days need it."""

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
    """Returns, for each room, the beds that exist on this day, ordered by number."""
    found: dict[str, list[Bed]] = {room: [] for room in room_ids}
    query = select(Bed).where(col(Bed.room_id).in_(room_ids)).order_by(Bed.room_id, col(Bed.number))
    for bed in session.exec(query):
        if bed.exists_on(day):
            found[bed.room_id].append(bed)
    return found


def begun(beds: Iterable[Bed]) -> date:
    """Returns the earliest first day of these beds. Callers ignore a count from before this day, because the room was
    reopened after the count.
    """
    return min((bed.from_on or date.min for bed in beds), default=date.max)


def claimed_bed_ids(session: Session, room_ids: Sequence[str], day: date) -> set[int]:
    """Returns the beds of these rooms that a hold or stay has claimed for today or for a later day."""
    return {claim.bed_id for claim in claims_on(session, beds_of_rooms(session, room_ids), *live(day))}


def live(day: date) -> tuple[ColumnElement[bool], ...]:
    """Returns the SQL conditions for claims that are valid on this day or later."""
    return (
        col(BedClaim.cancelled).is_(False),
        or_(col(BedClaim.ends_on).is_(None), col(BedClaim.ends_on) > day),
    )


def add_beds(act: Act, room: Room, count: int, from_on: date) -> None:
    """Adds beds to a room from this day on, with numbers that the room never had."""
    numbers = act.session.exec(select(Bed.number).where(Bed.room_id == room.id)).all()
    first = max(numbers, default=0) + 1
    act.session.add_all(Bed(room_id=room.id, number=number, from_on=from_on) for number in range(first, first + count))
    act.session.flush()


def set_beds(act: Act, room: Room, wanted: int) -> None:
    """Sets the number of beds of a room. Surplus free beds end at once, the highest numbers first. If more beds are in
    use than `wanted`, the room gives out no bed, and each surplus bed ends when it becomes free.
    """
    here = beds_of(act, room)
    if wanted > len(here):
        add_beds(act, room, wanted - len(here), max(act.day, room.opens_on or act.day))
        room.beds_wanted = None
    else:
        _take_away(act, room, here, wanted)


def settle_beds(act: Act, room: Room) -> None:
    """Ends surplus beds that have become free. Does nothing in a room without surplus beds."""
    if room.beds_wanted is not None:
        _take_away(act, room, beds_of(act, room), room.beds_wanted)


def beds_of(act: Act, room: Room) -> list[Bed]:
    """Returns the beds of a room today. If the room opens later, returns the beds of its first day."""
    return beds_on(act.session, [room.id], max(act.day, room.opens_on or act.day))[room.id]


def _take_away(act: Act, room: Room, here: Sequence[Bed], wanted: int) -> None:
    claimed = claimed_bed_ids(act.session, [room.id], act.day)
    free = [bed for bed in here if bed.id not in claimed]
    too_many = len(here) - wanted
    gone = free[max(0, len(free) - too_many) :] if too_many else []
    end(act, gone)
    room.beds_wanted = wanted if len(gone) < too_many else None


def end(act: Act, beds: Sequence[Bed]) -> None:
    """Ends the period of these beds today. The period of a bed that would begin later becomes empty."""
    for bed in beds:
        bed.until_on = act.day if bed.from_on is None else max(act.day, bed.from_on)
    act.session.flush()


def closed_room_ids(session: Session, day: date) -> set[str]:
    """Returns the rooms in which nobody new can arrive on this day: a closure of the room has begun, or the last day of
    the room or of a place that contains it has come.
    """
    rooms = select_columns(col(Room.id), *first_closed_days(day)).select_from(Room)
    rooms = rooms.join(Unit, col(Unit.id) == Room.unit_id).join(Location).join(Shelter)
    return {room for room, *days in session.execute(rooms) if is_closed(days, day)}


def first_closed_days(day: date) -> tuple[ColumnElement[object], ...]:
    """Returns SQL columns with the days from which a room takes no new clients: the first day of a closure that lasts
    beyond `day`, and the last days of room, unit, location and shelter. The query must join unit, location and shelter.
    """
    closure = select(func.min(RoomClosure.since)).where(
        col(RoomClosure.room_id) == col(Room.id), or_(col(RoomClosure.until).is_(None), col(RoomClosure.until) > day)
    )
    places = (Room, Unit, Location, Shelter)
    return closure.correlate(Room).scalar_subquery(), *(expression(one.open_until) for one in places)


def is_closed(days: Iterable[date | None], on: date) -> bool:
    """Checks whether a room is closed to new clients on the day `on`. `days`: its columns from `first_closed_days`."""
    return any(day is not None and day <= on for day in days)


def existing(day: date) -> tuple[ColumnElement[bool], ...]:
    """Returns the SQL conditions for beds that exist on a day (`Bed.exists_on`)."""
    return (
        or_(col(Bed.from_on).is_(None), col(Bed.from_on) <= day),
        or_(col(Bed.until_on).is_(None), col(Bed.until_on) > day),
    )
