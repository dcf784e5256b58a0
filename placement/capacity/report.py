"""Capacity reports by shelters, about all rooms or about a single room. A stored report is never changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self

import msgspec
from sqlmodel import select

from placement.access import scoped_queries
from placement.access.permissions import Permission, require
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.corrections import FURTHEST_FREE, latest_report, new_report, repeated, units_of, version_of
from placement.capacity.newest_reports import newest_confirmed
from placement.capacity.overview import ShelterCapacity, shelter_capacity
from placement.capacity.room_state import RoomsRead, RoomState, reported, room_states, rooms_read
from placement.capacity.vacancy import OtherUse, vacancy
from placement.core import signals
from placement.core.codes import OutOfService
from placement.core.context import Act
from placement.core.errors import Fault, Invalid, NotFound, existing
from placement.core.signals import CountConfirmed
from placement.registrations.registrations import require_version
from placement.storage.locks import lock_shelter
from placement.storage.row_seals import touched
from placement.tables import CapacityReport, Location, Room, RoomReport, Shelter, Unit


@dataclass(frozen=True, slots=True)
class RoomInput:
    """A room in a report. `counted_free`: the shelter's own count of free beds, for a comparison with our number."""

    room: str
    out_of_service: int = 0
    out_reason: OutOfService | None = None
    out_until: date | None = None
    used_by_others: Sequence[OtherUse] = field(default=())
    free_from: date | None = None
    counted_free: int | None = None

    @classmethod
    def as_counted(cls, room: str, last: RoomReport | None) -> Self:
        """Returns the room as it was last counted. A room that was never counted is returned without beds in use."""
        if last is None:
            return cls(room)
        uses = msgspec.convert(last.other_use, tuple[OtherUse, ...])
        return cls(room, last.out_of_service, last.out_reason, last.out_until, uses, last.free_from)


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of a report. `ignored`: the reported rooms that are not open today, each with the code of the reason.
    `missing`: the rooms that are open today, but not in the report. Their last count stays valid, and keeps its age.
    """

    shelter: Shelter
    rooms: RoomsRead | None
    """The rooms after the report; `None` if other rows changed too, so that the rooms must be read again."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def report_capacity(act: Act, shelter_id: str, inputs: Sequence[RoomInput], *, follows: int | None = None) -> Stored:
    """Stores a report of the rooms of the shelter.

    A room that is closed or not open yet is ignored. A room that is left out keeps its last count. `follows`: the
    version that the shelter had read, if it is given.

    Raises `VersionPassed` if a newer version exists. Raises `Invalid` if no room can be stored. Raises `Invalid` too if
    a room belongs to another shelter, is repeated, or has too few beds for its counts. A report that contradicts the
    stays of this service is stored, and the contradiction is shown.
    """
    shelter, read = _rooms_to_report(act, shelter_id, follows)
    before = read.states()
    ignored, faults = _judged(act, shelter.id, inputs, before)
    if faults:
        raise Invalid(faults)
    given = {one.room: one for one in inputs if one.room not in ignored}
    after = _store(act, shelter, read, before, given)
    return Stored(shelter, after, ignored, tuple(room for room in before if room not in given))


def report_room(
    act: Act, shelter_id: str, room_id: str, change: Callable[[RoomInput], RoomInput], *, follows: int | None = None
) -> Stored:
    """Stores a report of a single room. All other rooms keep their last count and the age of that count. `change`: a
    function that gets the last count and returns the new count. Raises `NotFound` for a room of another shelter, and
    otherwise the errors of `report_capacity`.
    """
    shelter, read = _rooms_to_report(act, shelter_id, follows)
    before = read.states()
    state = before.get(room_id)
    given = change(RoomInput.as_counted(room_id, state.report if state else None))
    _, faults = _judged(act, shelter.id, [given], before)
    if any(fault.code == "room_unknown" for fault in faults):
        raise NotFound
    if faults:
        raise Invalid([replace(fault, field=fault.field.removeprefix("rooms.0.")) for fault in faults])
    return Stored(shelter, _store(act, shelter, read, before, {room_id: given}))


def before_report(act: Act, shelter_id: str, follows: int | None) -> ShelterCapacity:
    """Locks the shelter, and returns the state of its rooms before a report is stored. Raises `VersionPassed` if a
    newer version than `follows` exists.
    """
    return shelter_capacity(act, *_rooms_to_report(act, shelter_id, follows))


def confirm_capacity(act: Act, shelter_id: str) -> Stored:
    """Repeats the last report of the shelter as a new count. Beds that are withheld after a refusal stay withheld until
    a new report. Raises `Invalid` if a room was never reported.
    """
    shelter = _reporting(act, shelter_id)
    read = rooms_read(act.session, act.day, units_of(act, shelter_id))
    states = read.states()
    unreported = [room for room, state in states.items() if state.report is None]
    if unreported:
        raise Invalid([Fault("rooms", "room_needs_report", {"room": room}) for room in unreported])
    report = new_report(act, shelter.id)
    rows = [repeated(report, room, state.report) for room, state in states.items() if state.report]
    return Stored(shelter, _announce(act, shelter, report, read, rows))


def _reporting(act: Act, shelter_id: str) -> Shelter:
    """Returns the locked shelter: the actor's own, or a shelter whose report by telephone the desk enters."""
    if act.heard_from == shelter_id:
        require(act.actor, Permission.TELEPHONE_ENTER)
        return existing(lock_shelter(act.session, shelter_id))
    return scoped_queries.shelter_of(act.session, act.actor, shelter_id, lock=True)


def _rooms_to_report(act: Act, shelter_id: str, follows: int | None) -> tuple[Shelter, RoomsRead]:
    shelter = _reporting(act, shelter_id)
    if follows is not None:
        require_version(follows, version_of(latest_report(act, shelter.id)))
    return shelter, rooms_read(act.session, act.day, units_of(act, shelter.id))


def _store(
    act: Act,
    shelter: Shelter,
    read: RoomsRead,
    before: Mapping[str, RoomState],
    given: Mapping[str, RoomInput],
) -> RoomsRead | None:
    """Stores these counts. For each other room, stores its last count again, which keeps its age. Returns the result of
    `_announce`.
    """
    last = None if before.keys() <= given.keys() else newest_confirmed(act.session, shelter.id)
    report, rows = new_report(act, shelter.id), list[RoomReport]()
    for room, state in before.items():
        if room in given:
            rows.append(row := _row(report, given[room]))
            if row.counted_free is not None:
                row.derived_free = vacancy(room, state.beds, state.claims, reported(row), act.day).free_now
        elif state.report is not None:
            rows.append(repeated(report, room, state.report, state.report.counted_in or last))
    return _announce(act, shelter, report, read, rows)


def _announce(
    act: Act, shelter: Shelter, report: CapacityReport, read: RoomsRead, rows: Sequence[RoomReport]
) -> RoomsRead | None:
    """Stores a report, and publishes the signal `CountConfirmed`. Returns the rooms with their counts. Returns `None`
    if this transaction changed sealed rows of other tables, before the signal or because of it. For example, a decision
    waited for the count, and its claims changed.
    """
    act.session.add_all(rows)
    act.session.flush()
    audit_log.write(act, Event.CAPACITY_REPORTED, subject=shelter.id, report=report.id)
    signals.publish(act, CountConfirmed(shelter.id))
    act.session.flush()
    if {kind for kind, _ in touched(act.session)} - {CapacityReport, RoomReport}:
        return None
    return replace(read, reports={**read.reports, **{row.room_id: row for row in rows}})


def faults_of(act: Act, shelter_id: str, inputs: Sequence[RoomInput]) -> list[Fault]:
    """Returns all faults of this report. Changes nothing."""
    shelter = scoped_queries.shelter_of(act.session, act.actor, shelter_id)
    states = room_states(act.session, act.day, units=units_of(act, shelter.id))
    return _judged(act, shelter.id, inputs, states)[1]


def _judged(
    act: Act, shelter_id: str, inputs: Sequence[RoomInput], states: Mapping[str, RoomState]
) -> tuple[dict[str, str], list[Fault]]:
    """Returns the ignored rooms, each with the code of the reason, and the faults of the report."""
    ignored: dict[str, Fault] = {}
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, given in enumerate(inputs):
        here = f"rooms.{number}"
        if given.room in seen:
            faults.append(Fault(f"{here}.room", "room_twice", {"room": given.room}))
        seen.add(given.room)
        if (state := states.get(given.room)) is not None:
            faults += _faults_of_room(act, here, given, len(state.beds))
        elif (fault := _not_here(act, shelter_id, f"{here}.room", given.room)).code == "room_unknown":
            faults.append(fault)
        else:
            ignored[given.room] = fault
    if not faults and states.keys().isdisjoint(seen):  # nothing is left to store
        absent = (Fault("rooms", "room_missing", {"room": room}) for room in states)
        faults += ignored.values() or absent
    return {room: fault.code for room, fault in ignored.items()}, faults


def _faults_of_room(act: Act, here: str, given: RoomInput, beds: int) -> Iterator[Fault]:
    furthest = act.day + FURTHEST_FREE
    if given.free_from is not None and given.free_from > furthest:
        facts = {"found": given.free_from.isoformat(), "furthest": furthest.isoformat()}
        yield Fault(f"{here}.free_from", "free_too_far_ahead", facts)
    counts = {
        "out_of_service.beds": given.out_of_service,
        "used_by_others": sum(use.count for use in given.used_by_others),
        "counted_free": given.counted_free or 0,
    }
    for name, count in counts.items():
        if count > beds:
            yield Fault(f"{here}.{name}", "too_many_beds", {"found": count, "beds": beds})


def _not_here(act: Act, shelter_id: str, where: str, room_id: str) -> Fault:
    """Returns the fault of a room that cannot be reported today. Gives the reason only for the shelter's own rooms."""
    query = select(Room).join(Unit).join(Location).where(Room.id == room_id, Location.shelter_id == shelter_id)
    room = act.session.exec(query).first()
    if room is None:
        return Fault(where, "room_unknown", {"room": room_id})
    if room.opens_on is not None and room.opens_on > act.day:
        return Fault(where, "room_planned", {"room": room_id, "day": room.opens_on.isoformat()})
    return Fault(where, "room_closed", {"room": room_id})


def _row(report: CapacityReport, given: RoomInput) -> RoomReport:
    return RoomReport(
        report_id=report.id or 0,
        room_id=given.room,
        out_of_service=given.out_of_service,
        out_reason=given.out_reason,
        out_until=given.out_until,
        other_use=msgspec.to_builtins(given.used_by_others),
        free_from=given.free_from,
        counted_free=given.counted_free,
    )
