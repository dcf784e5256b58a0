"""The present state of every room. It combines the tables of capacity, claims and persons for `vacancy.py`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

import msgspec
from sqlalchemy import ColumnElement, Select, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from placement.capacity.newest_reports import newest_of_rooms
from placement.capacity.vacancy import Claim, Discrepancy, OtherUse, Reported, Vacancy, vacancy
from placement.core.clock import day_of
from placement.crypto.encrypted_columns import is_readable
from placement.registrations.household import housed_as, is_minor
from placement.shelters.beds import existing, first_closed_days, is_closed, live
from placement.storage import sealed_session
from placement.storage.bed_claims import occupants
from placement.storage.field_sealing import values_alone
from placement.tables import Bed, BedClaim, CapacityReport, Location, Registration, Room, RoomReport, Shelter, Unit
from placement.tables.columns import Condition

_MOMENT = select(CapacityReport.at).where(CapacityReport.id == RoomReport.report_id).correlate(RoomReport)
_WITH_MOMENT = select(RoomReport, _MOMENT.scalar_subquery())
"""A query of reports with their times. The time is looked up for each row, because a join would read every report."""
_NEWEST = _WITH_MOMENT.where(col(RoomReport.room_id).in_(bindparam("rooms", expanding=True)))
_NEWEST = _NEWEST.order_by(col(RoomReport.id).desc()).limit(bindparam("most"))


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room with its beds, the claims on these beds, its last report, and the vacancy that follows from them."""

    room: Room
    beds: tuple[int, ...]
    """The beds that exist on the day."""
    claims: tuple[Claim, ...]
    report: RoomReport | None
    vacancy: Vacancy
    is_closing: bool = False
    """True if nobody new can arrive in the room, because the room or a place that contains it is closing."""
    if_counted: Vacancy | None = None
    """The vacancy of a room without a count: the most beds that a first count could free. `None` if the room was
    counted, or if a count would make no bed available.
    """

    @property
    def free_bed_ids(self) -> tuple[int, ...]:
        """Returns the ids of beds that can be given out: as many beds without a claim as are free. The service does not
        know which beds other people use.
        """
        claimed = {claim.bed_id for claim in self.claims}
        return tuple(bed for bed in self.beds if bed not in claimed)[: self.vacancy.free_beds]


@dataclass(frozen=True, slots=True)
class RoomsRead:
    """The stored data of the rooms that have a bed on this day, sorted by id. Read once and then used several times."""

    day: date
    rooms: Mapping[str, Room]
    shut: Mapping[str, Sequence[date | None]]
    """The first days on which nobody new can arrive in the room, its unit, location and shelter, by room."""
    beds: Mapping[str, Sequence[int]]
    claims: Mapping[int, Sequence[tuple[str, Claim]]]
    """The claims on each bed, with the id of the claim."""
    reports: Mapping[str, RoomReport]
    """The newest report of each room. Leaves out reports from before the last closing of the room, and reports in
    doubt. A room without a report here is treated as never counted.
    """

    def states(self, units: Collection[str] | None = None, *, without: Collection[str] = ()) -> dict[str, RoomState]:
        """Returns the states, as `room_states` does, but without access to the database."""
        return {
            key: self._state(room, without)
            for key, room in self.rooms.items()
            if units is None or room.unit_id in units
        }

    def _state(self, room: Room, without: Collection[str]) -> RoomState:
        beds, report, shut = self.beds[room.id], self.reports.get(room.id), self.shut[room.id]
        theirs = tuple(claim for bed in beds for key, claim in self.claims.get(bed, ()) if key not in without)
        found = vacancy(room.id, beds, theirs, reported(report), self.day)
        empty = vacancy(room.id, beds, theirs, Reported(), self.day) if report is None else found
        most = _given_out(empty, room, len(beds), closed=room.is_in_doubt or is_closed(shut, self.day)).free_beds
        could_free = report is None and most > 0
        return RoomState(
            room=room,
            beds=tuple(beds),
            claims=theirs,
            report=report,
            vacancy=_given_out(found, room, len(beds), closed=room.is_in_doubt or is_closed(shut, found.free_from)),
            is_closing=is_closed(shut, self.day),
            if_counted=empty if could_free else None,
        )


def room_states(
    session: Session, day: date, *, units: Iterable[str] | None = None, without: Collection[str] = ()
) -> dict[str, RoomState]:
    """Returns the states of the rooms by room id, sorted. `units`: only rooms of these units; `None`: all. `without`:
    ids of claims to ignore. A room without a bed on this day is planned or closed, and is left out. A closing room has
    no free beds.
    """
    return rooms_read(session, day, units).states(without=without)


def rooms_read(session: Session, day: date, units: Iterable[str] | None = None) -> RoomsRead:
    """Reads the rooms of these units; `None`: of all units."""
    named = {} if units is None else {"units": list(units)}
    known = session.execute(_rooms_of(day, everywhere=units is None), named).all()
    beds: dict[str, list[int]] = defaultdict(list)
    begun: dict[str, date] = {}
    for room, bed, *_ in known:
        beds[room.id].append(bed.id or 0)
        since = bed.from_on or date.min
        begun[room.id] = min(since, begun.get(room.id, since))
    of_beds = []  # no condition for the whole country: the list of all its beds would be long
    if units is not None:
        of_beds.append(col(BedClaim.bed_id).in_([bed for numbers in beds.values() for bed in numbers]))
    return RoomsRead(
        day=day,
        rooms={room.id: room for room, *_ in known},
        shut={room.id: days for room, _, *days in known},
        beds=beds,
        claims=_claims(session, day, of_beds),
        reports={
            room: row
            for room, (row, at) in (_latest_reports(session) if units is None else _latest_of(session, beds)).items()
            if room in begun and begun[room] <= day_of(at) and not row.is_in_doubt
        },
    )


@lru_cache(maxsize=8)
def _rooms_of(day: date, *, everywhere: bool) -> Select[Room, Bed, *tuple[object, ...]]:
    """Returns the query of the beds of a day with their rooms: of all units, or of those in the parameter `units`."""
    wanted = select_columns(Room, Bed, *first_closed_days(day)).select_from(Room).join(Bed)
    wanted = wanted.join(Unit, col(Unit.id) == Room.unit_id).join(Location).join(Shelter)
    wanted = wanted.where(*existing(day)).order_by(Room.id, col(Bed.number))
    return wanted if everywhere else wanted.where(col(Room.unit_id).in_(bindparam("units", expanding=True)))


def _given_out(found: Vacancy, room: Room, beds: int, *, closed: bool) -> Vacancy:
    """Returns the vacancy of a room. No bed is free if nobody new can arrive in the room, or if some of its beds will
    be removed.
    """
    if not closed and room.beds_wanted is None:
        return found
    discrepancy = found.discrepancy if room.beds_wanted is None else Discrepancy(too_many=beds - room.beds_wanted)
    return replace(found, free_beds=0, free_now=0, discrepancy=discrepancy)


def _claims(session: Session, day: date, where: Iterable[ColumnElement[bool]]) -> dict[int, list[tuple[str, Claim]]]:
    """Returns the claims by bed. If a client's row is in doubt, or the client's key is missing, the client's gender is
    unknown. Such a client shares no room.
    """
    claims = occupants(session, *where, *live(day))
    cases = {claim.registration_id for claim in claims if claim.person_id is not None}
    doubted = sealed_session.doubted(session, Registration)
    living = values_alone(session, Registration, "content", col(Registration.id).in_(cases)) if cases else {}
    readable = {
        case: record
        for case, record in living.items()
        if record is not None and is_readable(record) and case not in doubted
    }
    persons = {person.id: person for record in readable.values() for person in Registration.fact_in(record, "persons")}
    unknown = {case for case, record in living.items() if record is not None} - readable.keys()
    demanding = unknown | {case for case, record in readable.items() if Registration.fact_in(record, "high_care")}
    found: dict[int, list[tuple[str, Claim]]] = defaultdict(list)
    for claim in claims:
        person = persons.get(claim.person_id or "")
        told = Claim(
            bed_id=claim.bed_id,
            registration_id=claim.registration_id or claim.id,
            gender=housed_as(person).value if person else None,
            minor=is_minor(person, day) if person else False,
            whole_room=claim.whole_room or (person is None and claim.person_id is not None),
            begun=claim.starts_on <= day,
            high_care=claim.registration_id in demanding,
        )
        found[claim.bed_id].append((claim.id, told))
    return found


def _latest_of(session: Session, rooms: Collection[str]) -> dict[str, tuple[RoomReport, datetime]]:
    """Returns the newest report of each room. The first query reads as many report rows as there are rooms, newest
    first. Usually it finds every room, because a report has all rooms of a shelter.
    """
    found: dict[str, tuple[RoomReport, datetime]] = {}
    for row, at in session.execute(_NEWEST, {"rooms": list(rooms), "most": len(rooms)}):
        found.setdefault(row.room_id, (row, at))
    others = set(rooms) - found.keys()
    return found | (_latest_reports(session, col(Room.id).in_(others)) if others else {})


def _latest_reports(session: Session, *rooms: Condition) -> dict[str, tuple[RoomReport, datetime]]:
    newest = col(RoomReport.id).in_(newest_of_rooms(*rooms))
    return {row.room_id: (row, at) for row, at in session.exec(_WITH_MOMENT.where(newest))}


def reported(row: RoomReport | None) -> Reported | None:
    if row is None:
        return None
    return Reported(
        out_of_service=row.out_of_service,
        out_until=row.out_until,
        other_use=msgspec.convert(row.other_use, tuple[OtherUse, ...]),
        free_from=row.free_from,
        counted_free=row.counted_free,
        derived_free=row.derived_free,
        withheld=row.withheld,
    )
