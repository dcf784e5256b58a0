"""Capacity reports by shelters. A report covers the whole shelter, and is never changed afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec
from sqlmodel import select

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.capacity.corrections import FURTHEST_FREE, latest_report, new_report, repeated, units_of, version_of
from placement.capacity.room_state import RoomState, reported, room_states
from placement.capacity.vacancy import OtherUse, vacancy
from placement.core import events
from placement.core.codes import OutOfService
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.core.events import CountConfirmed
from placement.registrations.registrations import require_version
from placement.tables import CapacityReport, Location, Room, RoomReport, Shelter, Unit


@dataclass(frozen=True, slots=True)
class RoomInput:
    """One room in a report. `free_beds` is the shelter's own count, compared with ours; it sets nothing."""

    room: str
    out_of_service: int = 0
    out_reason: OutOfService | None = None
    out_until: date | None = None
    used_by_others: Sequence[OtherUse] = field(default=())
    free_from: date | None = None
    free_beds: int | None = None


def report_capacity(act: Act, shelter_id: str, inputs: Sequence[RoomInput], *, follows: int | None = None) -> Shelter:
    """Stores a report of every room of the shelter, which is returned.

    `follows`: the version that the shelter had read, where it says so; `VersionPassed` when a newer one came between.
    Raises `Invalid` when a room is missing, is not the shelter's, stands twice, or has more beds out of service or
    in use by others than it has beds. A contradiction with our own stays is no fault: it is stored, and shown.
    """
    shelter = scoped_queries.shelter_of(act.session, act.actor, shelter_id, lock=True)
    if follows is not None:
        require_version(follows, version_of(latest_report(act, shelter.id)))
    before = room_states(act.session, act.day, units=units_of(act, shelter_id))
    if faults := _faults(act, shelter_id, inputs, before):
        raise Invalid(faults)
    report = new_report(act, shelter.id)
    rows = {given.room: _row(report, given) for given in inputs}
    for room, state in before.items():
        if (row := rows[room]).counted_free is not None:
            row.derived_free = vacancy(room, state.beds, state.claims, reported(row), act.day).free_now
    act.session.add_all(rows.values())
    return _confirmed(act, shelter, report)


def confirm_capacity(act: Act, shelter_id: str) -> Shelter:
    """Repeats the last report of the shelter, which is returned. What a refusal withheld stays withheld until the rooms
    are reported.
    """
    shelter = scoped_queries.shelter_of(act.session, act.actor, shelter_id, lock=True)
    states = room_states(act.session, act.day, units=units_of(act, shelter_id))
    unreported = [room for room, state in states.items() if state.report is None]
    if unreported:
        raise Invalid([Fault("rooms", "room_needs_report", {"room": room}) for room in unreported])
    report = new_report(act, shelter.id)
    act.session.add_all(repeated(report, room, state.report) for room, state in states.items() if state.report)
    return _confirmed(act, shelter, report)


def _confirmed(act: Act, shelter: Shelter, report: CapacityReport) -> Shelter:
    """Marks the count as fresh: decisions that waited for it are carried out."""
    act.session.flush()
    audit_log.write(act, Event.CAPACITY_REPORTED, subject=shelter.id, report=report.id)
    events.publish(act, CountConfirmed(shelter.id))
    return shelter


def faults_of(act: Act, shelter_id: str, inputs: Sequence[RoomInput]) -> list[Fault]:
    """All that would be refused of this report; nothing is changed by it."""
    shelter = scoped_queries.shelter_of(act.session, act.actor, shelter_id)
    return _faults(act, shelter.id, inputs, room_states(act.session, act.day, units=units_of(act, shelter.id)))


def _faults(act: Act, shelter_id: str, inputs: Sequence[RoomInput], states: Mapping[str, RoomState]) -> list[Fault]:
    furthest = act.day + FURTHEST_FREE
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, given in enumerate(inputs):
        here = f"rooms.{number}"
        state = states.get(given.room)
        if state is None:
            faults.append(_not_here(act, shelter_id, f"{here}.room", given.room))
            continue
        if given.room in seen:
            faults.append(Fault(f"{here}.room", "room_twice", {"room": given.room}))
        seen.add(given.room)
        if given.free_from is not None and given.free_from > furthest:
            facts = {"found": given.free_from.isoformat(), "furthest": furthest.isoformat()}
            faults.append(Fault(f"{here}.free_from", "free_too_far_ahead", facts))
        beds = len(state.beds)
        counts = {
            "out_of_service.beds": given.out_of_service,
            "used_by_others": sum(use.count for use in given.used_by_others),
            "free_beds": given.free_beds or 0,
        }
        faults += [
            Fault(f"{here}.{name}", "too_many_beds", {"found": count, "beds": beds})
            for name, count in counts.items()
            if count > beds
        ]
    missing = {room: state for room, state in states.items() if room not in seen}
    faults += [
        Fault("rooms", "room_missing" if state.report else "room_new", {"room": room, "name": state.room.name})
        for room, state in missing.items()
    ]
    return faults


def _not_here(act: Act, shelter_id: str, where: str, room_id: str) -> Fault:
    """A room that is not to be reported today: of the shelter's own it says why."""
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
        counted_free=given.free_beds,
    )
