"""History of free beds per unit and day, or per week. It is computed from the reports, and from the claims of stays and
holds of this service.

The free beds of a day follow from the last report before the end of that day. The figures themselves are not stored, so
they always agree with the reports. A room that had no report by then is left out. The figure of a unit is unknown if
no room of the unit had a report.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlmodel import col, or_, select

from placement.access.need_to_know import sees_all_by_name, units_by_name
from placement.capacity import elsewhere
from placement.capacity.elsewhere import Group
from placement.capacity.newest_reports import first_since, newest_of_rooms
from placement.capacity.room_state import reported
from placement.capacity.vacancy import Claim, vacancy
from placement.core.clock import day_of
from placement.core.context import Act
from placement.core.place_codes import FreeBand
from placement.shelters.beds import begun
from placement.storage.bed_claims import all_claims
from placement.tables import Bed, BedClaim, CapacityReport, Room, RoomClosure, RoomReport
from placement.tables.columns import Condition

SUNDAY = 7
DAYS = 28
"""The number of days shown (assumed). Four weeks show a weekly pattern."""


@dataclass(frozen=True, slots=True)
class History:
    days: tuple[date, ...]
    """The days of the history. A reader of all places gets the last 28 days; other readers get the last day of each
    week that is over.
    """
    free: Mapping[str, tuple[int | None, ...]]
    """The number of free beds of each unit at the end of each day; `None` before the unit's first report."""
    elsewhere: Mapping[Group, tuple[FreeBand | None, ...]] = field(default_factory=dict)
    """The band of free beds, at the end of each day, of each group of units that the reader does not see by name."""


def for_reader(act: Act) -> History:
    """Returns the history in the form that this reader sees. A reader who does not see all places by name gets weeks
    instead of days, and groups instead of units in other regions.
    """
    whole = free_beds(act)
    if sees_all_by_name(act.actor):
        return whole
    weeks = [number for number, day in enumerate(whole.days) if day.isoweekday() == SUNDAY and day < act.day]
    named = units_by_name(act.session, act.actor)
    free = {unit: tuple(row[number] for number in weeks) for unit, row in whole.free.items()}
    groups: dict[Group, list[tuple[int | None, ...]]] = defaultdict(list)
    for unit, group in elsewhere.groups_for(act).items():
        groups[group].append(free.get(unit, (None,) * len(weeks)))
    return History(
        tuple(whole.days[number] for number in weeks),
        {unit: row for unit, row in free.items() if unit in named},
        {group: tuple(map(_band, zip(*rows, strict=True))) for group, rows in groups.items()},
    )


def _band(free: tuple[int | None, ...]) -> FreeBand | None:
    known = [beds for beds in free if beds is not None]
    return FreeBand.of(sum(known)) if known else None


def free_beds(act: Act) -> History:
    """Returns the free beds of every unit on each day of the history, which ends with the present figures."""
    days = tuple(act.day - timedelta(days=back) for back in reversed(range(DAYS)))
    beds: dict[str, list[Bed]] = defaultdict(list)
    for bed in act.session.exec(select(Bed).order_by(Bed.room_id, col(Bed.number))):
        beds[bed.room_id].append(bed)
    closures: dict[str, list[RoomClosure]] = defaultdict(list)
    for closure in act.session.exec(select(RoomClosure)):
        closures[closure.room_id].append(closure)
    reports = _reports(act, days[0])
    claims = _claims(act, days[0])
    found: dict[str, list[int | None]] = {}
    for room in act.session.exec(select(Room).order_by(Room.id)):
        theirs = reports.get(room.id, [])
        reported_on = [day for day, _ in theirs]
        row = found.setdefault(room.unit_id, [None] * len(days))
        for number, day in enumerate(days):
            there = [bed for bed in beds[room.id] if bed.exists_on(day)]
            before = bisect_right(reported_on, day)
            if before and begun(there) <= reported_on[before - 1]:
                here = [bed.id or 0 for bed in there]
                of_day = [
                    claim
                    for bed in here
                    for begins, ends, claim in claims[bed]
                    if begins <= day and (ends is None or ends > day)
                ]
                state = vacancy(room.id, here, of_day, reported(theirs[before - 1][1]), day)
                shut = any(closure.is_on(day) for closure in closures[room.id])
                too_many = day == act.day and room.beds_wanted is not None
                row[number] = (row[number] or 0) + (0 if shut or too_many else state.free_now)
    return History(days, {unit: tuple(row) for unit, row in found.items()})


def _reports(act: Act, first: date) -> dict[str, list[tuple[date, RoomReport]]]:
    """Returns each room's reports with their days, in order: all since `first`, and the last report before it."""
    first_id = first_since(act.session, act.at - timedelta(days=(act.day - first).days + 1))
    query = select(RoomReport, CapacityReport.at)
    query = query.join(CapacityReport, col(CapacityReport.id) == col(RoomReport.report_id)).order_by(col(RoomReport.id))
    found: dict[str, list[tuple[date, RoomReport]]] = defaultdict(list)
    # The reports are found by number, in two statements. Otherwise the database would read all reports.
    wanted: list[Condition] = [col(RoomReport.id).in_(newest_of_rooms(before=first_id))]
    if first_id is not None:
        wanted.append(col(RoomReport.report_id) >= first_id)
    for rows in wanted:
        for row, at in act.session.exec(query.where(rows)):
            found[row.room_id].append((day_of(at), row))
    return found


def _claims(act: Act, first: date) -> dict[int, list[tuple[date, date | None, Claim]]]:
    """Returns, for each bed, the periods of the claims that end after the day `first`. A claim contains no facts about
    the client, because a count does not need them.
    """
    lasted = or_(col(BedClaim.ends_on).is_(None), col(BedClaim.ends_on) > first)
    found: dict[int, list[tuple[date, date | None, Claim]]] = defaultdict(list)
    for row in all_claims(act.session, col(BedClaim.cancelled).is_(False), lasted):
        claim = Claim(row.bed_id, row.registration_id or row.id, gender=None, minor=False, whole_room=row.whole_room)
        found[row.bed_id].append((row.starts_on, row.ends_on, claim))
    return found
