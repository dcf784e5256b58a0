"""Capacity overview. A shelter sees its own rooms, the desk sees the country, and a coordinator sees the units of the
own regions.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from placement.access.need_to_know import sees_all_by_name, sees_by_name
from placement.capacity import place_names
from placement.capacity.confirmation import ShelterCount, counts_of_shelters
from placement.capacity.corrections import units_of
from placement.capacity.newest_reports import last_confirmed
from placement.capacity.room_state import RoomsRead, RoomState, room_states, rooms_read
from placement.capacity.vacancy import Discrepancy, freshness
from placement.core.codes import Freshness, HoldStatus
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.storage.bed_claims import claims_of_holds
from placement.tables import BedClaim, CapacityReport, Hold, Location, RoomReport, Shelter, Unit


@dataclass(frozen=True, slots=True)
class ReservedBeds:
    """The beds of a room that are reserved before the shelter is asked: their number, and the time at which the last
    reservation ends. The client is never named.
    """

    beds: int
    until: datetime


@dataclass(frozen=True, slots=True)
class ShelterCapacity:
    shelter: Shelter
    units: dict[str, str]
    """The names of the units, by id."""
    rooms: tuple[RoomState, ...]
    reported_at: datetime | None
    freshness: Freshness
    version: int
    """The number of the newest report; 0 without a report."""
    kept: Mapping[str, ReservedBeds]
    """The beds that are reserved for waiting decisions, by room."""
    asked_at: datetime | None
    """The time since which the shelter must confirm its count."""
    counted: Mapping[str, datetime]
    """The time at which the shelter last counted a room, by room. A room that was never reported is absent."""

    @property
    def discrepancies(self) -> list[tuple[str, Discrepancy]]:
        return [(state.room.id, state.vacancy.discrepancy) for state in self.rooms if state.vacancy.discrepancy]


@dataclass(frozen=True, slots=True)
class UnitCapacity:
    """The summary of a unit. `shared`: the free beds in occupied rooms. `empty_rooms`: the number of empty rooms."""

    unit: Unit
    location: Location
    open_until: date | None
    """The last day of the unit, or of a place that contains it."""
    beds: int
    free_now: int
    free_soon: int
    shared: int
    empty_rooms: int
    not_reported: int
    """The number of beds in rooms without any report. A first count could free these beds."""


@dataclass(frozen=True, slots=True)
class ShelterAtAGlance:
    shelter: Shelter
    reported_at: datetime | None
    asked_at: datetime | None
    freshness: Freshness
    units: tuple[UnitCapacity, ...]
    discrepancies: tuple[tuple[str, Discrepancy], ...]


def shelter_capacity(act: Act, shelter: Shelter, read: RoomsRead | None = None) -> ShelterCapacity:
    """Returns the state of a shelter's rooms. `read`: the rooms that an act in this transaction has already read; used
    unless a later report exists.
    """
    count = counts_of_shelters(act.session, shelter.id)[shelter.id]
    units = units_of(act, shelter.id)
    if read is None or any(row.report_id != count.version for row in read.reports.values()):
        read = rooms_read(act.session, act.day, units)
    rooms = tuple(read.states().values())
    return ShelterCapacity(
        shelter=shelter,
        units=units,
        rooms=rooms,
        reported_at=count.confirmed_at,
        freshness=_freshness(act, count.confirmed_at),
        version=count.version,
        kept=_kept(act, rooms),
        asked_at=count.asked_since,
        counted=_counted(act, count, [state.report for state in rooms if state.report]),
    )


def _counted(act: Act, count: ShelterCount, rows: Collection[RoomReport]) -> dict[str, datetime]:
    earlier = {row.counted_in for row in rows if row.counted_in}
    wanted = select(CapacityReport.id, CapacityReport.at).where(col(CapacityReport.id).in_(earlier))
    moments: dict[int | None, datetime] = dict(act.session.exec(wanted).all()) if earlier else {}
    counted = {row.room_id: moments.get(row.counted_in) if row.counted_in else count.counted_at for row in rows}
    return {room: at for room, at in counted.items() if at is not None}


def _kept(act: Act, rooms: Iterable[RoomState]) -> dict[str, ReservedBeds]:
    kept = {held.id: held for held in act.session.exec(select(Hold).where(Hold.status == HoldStatus.RESERVED))}
    claims = claims_of_holds(act.session, kept, col(BedClaim.cancelled).is_(False))
    room_of = {bed: state.room.id for state in rooms for bed in state.beds}
    here = [claim for claim in claims if claim.bed_id in room_of]
    found: dict[str, ReservedBeds] = {}
    for claim in here:
        held = kept.get(str(claim.hold_id))
        if held is not None and is_readable(held.expires_at):
            before = found.get(room_of[claim.bed_id], ReservedBeds(0, held.expires_at))
            found[room_of[claim.bed_id]] = ReservedBeds(before.beds + 1, max(before.until, held.expires_at))
    return found


def country(act: Act) -> list[ShelterAtAGlance]:
    """Returns the shelters and units of today that the actor sees by name, sorted by id. Contains no addresses, no grid
    cells and no clients. A reader of all places also gets shelters without a unit.
    """
    states: dict[str, list[RoomState]] = defaultdict(list)
    for state in room_states(act.session, act.day).values():
        states[state.room.unit_id].append(state)
    units: dict[str, list[UnitCapacity]] = defaultdict(list)
    whole = select(Shelter, Location, Unit).select_from(Shelter)
    whole = whole.join(Location, col(Location.shelter_id) == Shelter.id, isouter=True)
    whole = whole.join(Unit, col(Unit.location_id) == Location.id, isouter=True)
    rows = act.session.exec(whole.order_by(Shelter.id, Unit.id)).all()
    place_names.remember(act.session, [(unit, location, shelter) for shelter, location, unit in rows if unit])
    counts, last_days = counts_of_shelters(act.session), place_names.last_days(act.session)
    for shelter, location, unit in rows:
        exists = unit and location and unit.exists_on(act.day) and location.exists_on(act.day)
        if exists and sees_by_name(act.actor, location.region):
            units[shelter.id].append(_unit_capacity(unit, location, last_days.get(unit.id), states[unit.id]))
    return [
        ShelterAtAGlance(
            shelter=shelter,
            reported_at=counts[shelter.id].confirmed_at,
            asked_at=counts[shelter.id].asked_since,
            freshness=_freshness(act, counts[shelter.id].confirmed_at),
            units=tuple(units[shelter.id]),
            discrepancies=tuple(
                (state.room.id, state.vacancy.discrepancy)
                for row in units[shelter.id]
                for state in states[row.unit.id]
                if state.vacancy.discrepancy
            ),
        )
        for shelter in {shelter.id: shelter for shelter, _, _ in rows}.values()
        if shelter.exists_on(act.day) and (units[shelter.id] or sees_all_by_name(act.actor))
    ]


def _unit_capacity(unit: Unit, location: Location, open_until: date | None, rooms: Sequence[RoomState]) -> UnitCapacity:
    free = [state for state in rooms if state.vacancy.free_now]
    return UnitCapacity(
        unit=unit,
        location=location,
        open_until=open_until,
        beds=sum(len(state.beds) for state in rooms),
        free_now=sum(state.vacancy.free_now for state in free),
        free_soon=sum(state.vacancy.free_beds for state in rooms if not state.vacancy.free_now),
        shared=sum(state.vacancy.free_now for state in free if state.vacancy.occupants),
        empty_rooms=sum(1 for state in free if not state.vacancy.occupants),
        not_reported=sum(state.if_counted.free_beds for state in rooms if state.if_counted),
    )


def freshness_within(act: Act, shelters: Mapping[str, str]) -> dict[str, Freshness]:
    """Returns, for each place, the freshness of its shelter's count. `shelters`: the shelter of each place."""
    reported = last_confirmed(act.session)
    return {place: _freshness(act, reported.get(shelter)) for place, shelter in shelters.items()}


def _freshness(act: Act, reported_at: datetime | None) -> Freshness:
    return freshness(reported_at, act.at, act.settings.fresh_within, act.settings.stale_after)
