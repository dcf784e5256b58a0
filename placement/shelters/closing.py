"""Closing and reopening of places.

From a certain day on, nobody new can arrive in a closing place. The service shows who has to move, and closes the place
when it is empty. A place that is open until a certain day closes automatically on that day. A room is closed alone, or
with a place that contains it. Each cause has a separate period (`RoomClosure`), so that reopening a unit does not open
a room that was closed for another reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from placement.access import register_queries
from placement.access.permissions import Permission, needs
from placement.access.register_queries import parts_of, room_ids_in
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import HoldStatus, ProposalStatus, StayStatus
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.place_codes import PlaceStatus
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import PlaceMove
from placement.registrations.registrations import require_version, supersede_proposals
from placement.shelters import versions
from placement.shelters.beds import add_beds, beds_on, claimed_bed_ids, end, live, settle_beds
from placement.shelters.register import AnyPlace
from placement.storage.bed_claims import beds_of_rooms, claims_on
from placement.storage.locks import lock_registrations
from placement.tables import Bed, Hold, Location, Proposal, Room, RoomClosure, Shelter, Stay, Unit
from placement.tables.columns import attribute
from placement.tables.shelter import Lifetime


@dataclass(frozen=True, slots=True)
class Consequences:
    """The residents, holds and proposals that must be settled before a place is closed."""

    rooms: int
    beds: int
    """The number of beds in rooms that are not closed yet."""
    stays: Sequence[Stay]
    """Stays of clients who live there or are expected."""
    holds: Sequence[Hold]
    """Holds of beds there that are not confirmed."""
    proposals: int
    """The number of open proposals for this place. Closing the place supersedes them."""

    @property
    def is_empty(self) -> bool:
        return not self.stays and not self.holds


@needs(Permission.REGISTER_READ)
def consequences(act: Act, table: type[AnyPlace], place_id: str) -> tuple[AnyPlace, Consequences]:
    """Returns the consequences of closing this place now."""
    place = register_queries.place_of(act.session, act.actor, Permission.REGISTER_READ, table, place_id)
    audit_log.write(act, Event.REGISTER_READ, subject=place.id, part="closing")
    return place, inside(act.session, place, act.day)


def close(
    act: Act, table: type[AnyPlace], place_id: str, version: int, until: date, *, no_new_from: date | None = None
) -> AnyPlace:
    """Closes a place. The place must be empty by `until`, and nobody new can arrive from `no_new_from` on. Without
    `no_new_from`, the day that was set earlier stays valid; if no day was set, it is today. If `until` is today and
    nobody is there, the place is closed at once. Raises `VersionPassed` if `version` is not the newest, and `Invalid`
    if a day is past or the days are in the wrong order.
    """
    place = register_queries.locked_place(act.session, act.actor, _changing(table), table, place_id)
    require_version(version, place.version)
    if until < act.day:
        raise Invalid.at("until", "day_past")
    was = place.no_new_from if place.status is PlaceStatus.CLOSING else None
    since = no_new_from or min(was or act.day, until)
    if since < act.day and since != was:
        raise Invalid.at("no_new_from", "day_past")
    if since > until:
        raise Invalid.at("no_new_from", "day_after_last", last=until.isoformat())
    _close(act, place, until, since)
    return place


def _close(act: Act, place: Lifetime, until: date, since: date) -> None:
    with versions.changing(act, place):
        carry_out(act, place, PlaceMove.CLOSE, until=until.isoformat(), no_new_from=since.isoformat())
        place.closes_on, place.no_new_from = until, since
        if place.open_until != until:  # the new day replaces an earlier last day
            place.open_until = None
    _close_rooms(act, place, since)
    if since <= act.day:
        supersede_in(act, place)
    _finish_if_empty(act, place)


def reopen(act: Act, table: type[AnyPlace], place_id: str, version: int) -> AnyPlace:
    """Reopens a place from today on, without a last day. Its beds return, except in rooms that are also closed for
    another reason.
    """
    place = register_queries.locked_place(act.session, act.actor, _changing(table), table, place_id)
    require_version(version, place.version)
    with versions.changing(act, place):
        carry_out(act, place, PlaceMove.REOPEN)
        place.open_until = place.closes_on = place.no_new_from = place.closed_on = None
    reopen_rooms(act, room_ids_in(act.session, place), {place.id})
    return place


def carry_out_due(act: Act) -> int:
    """Opens places that are planned for today, closes places that have reached their last day or are empty and due, and
    ends surplus beds. Returns the number of changes. Safe to run twice.
    """
    act = act.by_the_system()
    changed = 0
    for table in (Room, Unit, Location, Shelter):
        changed += _open_planned(act, table) + _end_open(act, table) + _finish_due(act, table)
    surplus = select(Room.id).where(col(Room.beds_wanted).is_not(None)).order_by(Room.id)
    for room_id in act.session.exec(surplus).all():
        room = register_queries.locked_place(act.session, act.actor, Permission.REGISTER_CHANGE, Room, room_id)
        settle_beds(act, room)
        changed += room.beds_wanted is None
    return changed


def _open_planned(act: Act, table: type[AnyPlace]) -> int:
    planned = select(table).where(table.status == PlaceStatus.PLANNED, col(table.opens_on) <= act.day)
    found = act.session.exec(planned.order_by(table.id).with_for_update(key_share=True)).all()
    for place in found:
        with versions.changing(act, place):
            carry_out(act, place, PlaceMove.OPEN)
    return len(found)


def _end_open(act: Act, table: type[AnyPlace]) -> int:
    """Begins to close the open places whose last day has come."""
    due = select(table.id).where(table.status == PlaceStatus.OPEN, col(table.open_until) <= act.day)
    ended = act.session.exec(due.order_by(table.id)).all()
    for place_id in ended:
        place = register_queries.locked_place(act.session, act.actor, Permission.REGISTER_CHANGE, table, place_id)
        if place.status is PlaceStatus.OPEN and place.open_until is not None and place.open_until <= act.day:
            _close(act, place, place.open_until, place.open_until)
    return len(ended)


def _finish_due(act: Act, table: type[AnyPlace]) -> int:
    due = select(table.id).where(table.status == PlaceStatus.CLOSING, col(table.closes_on) <= act.day)
    closing = [
        register_queries.locked_place(act.session, act.actor, Permission.REGISTER_CHANGE, table, place_id)
        for place_id in act.session.exec(due.order_by(table.id)).all()
    ]
    return sum(_finish_if_empty(act, place) for place in closing)


def reopen_rooms(act: Act, room_ids: Sequence[str], causes: set[str]) -> None:
    """Ends these rooms' closures whose cause is in `causes`. The beds of a room without other closures return."""
    standing = select(RoomClosure).where(col(RoomClosure.room_id).in_(room_ids), col(RoomClosure.until).is_(None))
    closures = act.session.exec(standing.order_by(col(RoomClosure.id))).all()
    for ended in [closure for closure in closures if closure.cause in causes]:
        others = [one for one in closures if one.room_id == ended.room_id and one.cause not in causes]
        if others:
            others[0].beds += ended.beds
        else:
            _bring_back(act, act.session.get_one(Room, ended.room_id), ended.beds)
        if ended.since >= act.day:
            act.session.delete(ended)
        else:
            ended.until = act.day
    act.session.flush()


def _changing(table: type[Lifetime]) -> Permission:
    return Permission.ROOM_CHANGE if table is Room else Permission.REGISTER_CHANGE


def inside(session: Session, place: Lifetime, day: date) -> Consequences:
    rooms = room_ids_in(session, place)
    claims = claims_on(session, beds_of_rooms(session, rooms), *live(day))
    stays = select(Stay).where(
        Stay.status != StayStatus.ENDED,
        col(Stay.id).in_({claim.stay_id for claim in claims if claim.stay_id})
        | col(Stay.hold_id).in_({claim.hold_id for claim in claims if claim.hold_id}),
    )
    found = sorted(
        session.exec(stays), key=lambda stay: ((is_readable(stay.starts_on) and stay.starts_on) or date.max, stay.id)
    )
    with_stay = {stay.hold_id for stay in found}
    holds = select(Hold).where(
        col(Hold.id).in_({claim.hold_id for claim in claims if claim.hold_id and claim.hold_id not in with_stay}),
        col(Hold.status).in_([HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER, HoldStatus.CONFIRMED]),
    )
    return Consequences(
        rooms=sum(1 for beds in beds_on(session, rooms, day).values() if beds),
        beds=sum(len(beds) for beds in beds_on(session, rooms, day).values()),
        stays=found,
        holds=session.exec(holds.order_by(Hold.id)).all(),
        proposals=len(_proposed_in(session, place)),
    )


def _proposed_in(session: Session, place: Lifetime) -> list[str]:
    """Returns the registrations with open proposals for this place. A registration with several proposals is returned
    several times.
    """
    units = {unit.id for unit in _units_of(session, place)}
    made = select(Proposal).where(Proposal.status == ProposalStatus.MADE, col(Proposal.unit_id).is_not(None))
    found = session.exec(made.options(defer(attribute(Proposal.problem)), defer(attribute(Proposal.advice)))).all()
    return [one.registration_id for one in found if is_readable(one.unit_id) and one.unit_id in units]


def _units_of(session: Session, place: Lifetime) -> list[Unit]:
    if isinstance(place, Room):
        return []  # a proposal names a unit; the unit has other rooms too
    if isinstance(place, Unit):
        return [place]
    return [unit for part in parts_of(session, place) for unit in _units_of(session, part)]


def supersede_in(act: Act, place: Lifetime) -> None:
    """Supersedes the open proposals for this place, because it can no longer be given out."""
    for registration_id in lock_registrations(act.session, sorted(set(_proposed_in(act.session, place)))):
        supersede_proposals(act, registration_id)


def _close_rooms(act: Act, place: Lifetime, since: date) -> None:
    """Closes the rooms of a place to new clients from this day on. The day replaces any day that was set before."""
    rooms = set(room_ids_in(act.session, place))
    standing = select(RoomClosure).where(RoomClosure.cause == place.id, col(RoomClosure.until).is_(None))
    for closure in act.session.exec(standing).all():
        if closure.since < act.day < since:
            closure.until = act.day
        else:
            closure.since = min(closure.since, since) if since <= act.day else since
            rooms.discard(closure.room_id)
    act.session.add_all(RoomClosure(room_id=room, cause=place.id, since=since) for room in sorted(rooms))
    act.session.flush()


def _finish_if_empty(act: Act, place: Lifetime) -> bool:
    """Closes a place if its day has come and nobody lives there or is expected. Returns whether it was closed."""
    rooms = room_ids_in(act.session, place)
    if (place.closes_on or act.day) > act.day or claimed_bed_ids(act.session, rooms, act.day):
        return False
    with versions.changing(act, place):
        carry_out(act, place, PlaceMove.FINISH)
        place.closed_on = act.day
    standing = select(RoomClosure).where(col(RoomClosure.until).is_(None), RoomClosure.cause == place.id)
    closures = {closure.room_id: closure for closure in act.session.exec(standing)}
    for room_id, beds in _beds_to_come(act, rooms).items():
        end(act, beds)
        closures[room_id].beds += len(beds)
    return True


def _beds_to_come(act: Act, room_ids: Sequence[str]) -> dict[str, list[Bed]]:
    """Returns, for each room, the beds that exist today or later."""
    found: dict[str, list[Bed]] = {}
    query = select(Bed).where(col(Bed.room_id).in_(room_ids)).order_by(Bed.room_id, col(Bed.number))
    for bed in act.session.exec(query):
        if bed.exists_on(max(act.day, bed.from_on or act.day)):
            found.setdefault(bed.room_id, []).append(bed)
    return found


def _bring_back(act: Act, room: Room, count: int) -> None:
    """Restores this number of beds in a room: first beds that ended today, and then new beds."""
    ended = select(Bed).where(Bed.room_id == room.id, col(Bed.until_on) == act.day).order_by(col(Bed.number).desc())
    again = act.session.exec(ended.limit(count)).all()
    for bed in again:
        bed.until_on = None
    add_beds(act, room, count - len(again), act.day)
