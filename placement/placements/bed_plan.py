"""The beds of a shelter by day: the client in each bed, or the reason why the bed cannot be given out.

The plan combines the claims of holds and stays with the last counts of the rooms. A count gives a number of beds, and
does not identify them. So the plan chooses: it shows the first beds without a claim as "other use" or "out of service".
Today's number of free beds equals the number that `vacancy.py` counts as free now.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

import msgspec
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.room_state import RoomState, room_states
from placement.capacity.vacancy import OtherUse
from placement.core.clock import day_of
from placement.core.codes import HoldStatus, OutOfService, StayStatus
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.placements.stays.stay_clock import is_past_limit
from placement.shelters.beds import live
from placement.storage.bed_claims import claims_on
from placement.tables import Bed, BedClaim, Hold, Location, Room, RoomClosure, Shelter, Stay, Unit

DAYS = 14


class BedUse(StrEnum):
    """The use of a bed on a day."""

    LIVES = "lives"
    PAST_LIMIT = "past_limit"  # the client may live there after the limit of the stay
    EXPECTED_FREE = "expected_free"  # the client is expected elsewhere before this day
    ASKED = "asked"  # the shelter has not answered yet
    COMES = "comes"
    KEPT = "kept"  # for a decision; or for a client whose facts the reader may not see
    EMPTY = "empty"  # until a client comes on a later day, or because a household does not share its room
    OTHERS = "others"  # people placed outside this service
    OUT = "out"  # out of service
    NOT_YET = "not_yet"  # the shelter gives it out from a later day
    CLOSED = "closed"
    WITHHELD = "withheld"  # the count contradicts known facts, or the room has more beds than it should
    UNKNOWN = "unknown"  # never counted
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Client:
    """The hold or stay of a household in a bed. `expires_at`: the deadline of the shelter's answer."""

    registration_id: str
    stay_id: str | None = None
    hold_id: str | None = None
    expires_at: datetime | None = None
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A use of a bed, or of adjacent beds by a household, on consecutive days. `last`: the last of these days."""

    use: BedUse
    first: date
    last: date
    beds: tuple[int, ...]
    """The numbers of the beds within their room."""
    client: Client | None = None
    until: date | None = None
    """The first day on which the use ends, if it is known."""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room with its beds. `rows`: the spans of each bed, by number of the bed. A span of several beds is in the row
    of its first bed.
    """

    id: str
    name: str
    rows: tuple[tuple[int, tuple[Span, ...]], ...]
    too_many: int
    """The number of beds in use beyond the beds that the room has; 0 if the room has enough beds."""
    out_reason: OutOfService | None


@dataclass(frozen=True, slots=True)
class UnitPlan:
    name: str
    rooms: tuple[RoomPlan, ...]


@dataclass(frozen=True, slots=True)
class BedPlan:
    shelter: str
    """The name of the shelter."""
    days: tuple[date, ...]
    units: tuple[UnitPlan, ...]

    @property
    def spans(self) -> Iterator[Span]:
        for unit in self.units:
            for room in unit.rooms:
                for _, row in room.rows:
                    yield from row

    @property
    def free(self) -> list[int]:
        """Returns the number of free beds on each day."""
        free = [one for one in self.spans if one.use is BedUse.FREE]
        return [sum(len(one.beds) for one in free if one.first <= day <= one.last) for day in self.days]


@needs(Permission.CAPACITY_READ)
def bed_plan(act: Act, shelter_id: str, first: date) -> BedPlan:
    """Returns the plan from the day `first`, or from today if that day is in the past. Raises `NotFound` if the actor
    may not see the shelter.
    """
    shelter = scoped_queries.readable_shelter(act.session, act.actor, shelter_id)
    days = tuple(max(first, act.day) + timedelta(days=number) for number in range(DAYS))
    units = act.session.exec(select(Unit).join(Location).where(Location.shelter_id == shelter.id)).all()
    states = room_states(act.session, act.day, units=[unit.id for unit in units])
    known = _known(act, shelter, states)
    planned: dict[str, list[RoomPlan]] = defaultdict(list)
    for state in states.values():
        planned[state.room.unit_id].append(_room(known, state, days))
    shown = [UnitPlan(one.name, tuple(planned[one.id])) for one in sorted(units, key=lambda one: one.id)]
    plan = BedPlan(shelter.name, days, tuple(one for one in shown if one.rooms))
    audit_log.write(act, Event.STAYS_LISTED, shown=cases_in(plan), status=StayStatus.IN_HOUSE, offset=0)
    return plan


def stays_in(act: Act, plan: BedPlan) -> Sequence[Stay]:
    """Returns the stays that a plan shows."""
    shown = {span.client.stay_id for span in plan.spans if span.client and span.client.stay_id}
    return act.session.exec(select(Stay).where(col(Stay.id).in_(shown))).all()


def cases_in(plan: BedPlan) -> set[str]:
    """Returns the registrations that a plan shows."""
    return {span.client.registration_id for span in plan.spans if span.client}


@dataclass(frozen=True, slots=True)
class _Known:
    """The shelter's rows, for a look-up by bed, room, hold or case."""

    today: date
    beds: Mapping[int, Bed]
    claims: Mapping[int, Sequence[BedClaim]]
    closures: Mapping[str, Sequence[RoomClosure]]
    last_days: Mapping[str, Sequence[date | None]]
    """The last days on which a room, or a place that contains it, is open; by room."""
    holds: Mapping[str, Hold]
    stays: Mapping[str, Stay]
    """The stays that have not ended, by id, and by the id of the hold with which they began."""
    leaves: Mapping[str, date] = field(default_factory=dict)
    """The day on which a client of the shelter is expected elsewhere, by case, if the actor may know it."""


def _known(act: Act, shelter: Shelter, states: Mapping[str, RoomState]) -> _Known:
    session = act.session
    numbers = [bed for state in states.values() for bed in state.beds]
    beds = session.exec(select(Bed).where(col(Bed.id).in_(numbers)))
    claims = claims_on(session, numbers, *live(act.day))
    of_claims = {claim.hold_id for claim in claims if claim.hold_id}, {one.stay_id for one in claims if one.stay_id}
    stays = [
        stay
        for stay in session.exec(scoped_queries.stays_of(session, act.actor, *live(act.day)))
        if stay.status is not StayStatus.ENDED
        and (stay.id in of_claims[1] or stay.hold_id in of_claims[0])
        and is_readable(stay.unit_id, stay.arrived_at, stay.limit_on)
    ]
    seen = scoped_queries.holds_of(session, act.actor, *live(act.day))
    cases = {stay.registration_id for stay in stays}
    moving = scoped_queries.stays_of(session, act.actor, *live(act.day)).where(Stay.status == StayStatus.PLANNED)
    elsewhere = {one.hold_id for one in session.exec(moving.where(col(Stay.registration_id).in_(cases)))} - of_claims[0]
    wanted = col(Hold.id).in_(of_claims[0]) | col(Hold.registration_id).in_(cases)
    holds = [one for one in session.exec(seen.where(wanted)) if is_readable(one.unit_id, one.expected_at)]
    return _Known(
        today=act.day,
        beds={bed.id or 0: bed for bed in beds},
        claims={bed: list(group) for bed, group in groupby(claims, lambda one: one.bed_id)},
        closures=_closures(act, states),
        last_days=_last_days(act, shelter, states),
        holds={one.id: one for one in holds if one.id in of_claims[0]},
        stays={key: stay for stay in stays for key in (stay.id, stay.hold_id) if key},
        leaves={
            one.registration_id: day_of(one.expected_at) for one in holds if one.id in elsewhere and one.expected_at
        },
    )


def _closures(act: Act, rooms: Collection[str]) -> dict[str, list[RoomClosure]]:
    found: dict[str, list[RoomClosure]] = {room: [] for room in rooms}
    for one in act.session.exec(select(RoomClosure).where(col(RoomClosure.room_id).in_(rooms))):
        found[one.room_id].append(one)
    return found


def _last_days(act: Act, shelter: Shelter, rooms: Collection[str]) -> dict[str, tuple[date | None, ...]]:
    days = (col(one.open_until) for one in (Room, Unit, Location))
    wanted = select_columns(col(Room.id), *days).select_from(Room).join(Unit, col(Unit.id) == Room.unit_id)
    found = act.session.execute(wanted.join(Location).where(col(Room.id).in_(rooms)))
    return {room: (*days, shelter.open_until) for room, *days in found}


_Cell = tuple[BedUse, str]
"""The use of a bed on a day, and the key of its hold or stay; the key is empty if there is neither."""


def _room(known: _Known, state: RoomState, days: Sequence[date]) -> RoomPlan:
    unclaimed = [bed for bed in state.beds if bed not in known.claims]
    of_count = dict(zip(unclaimed, _counted(state), strict=False))
    order = sorted(state.beds, key=lambda bed: (_first_of_household(known, state, bed), known.beds[bed].number))
    rows = []
    for bed in order:
        taken = of_count.get(bed)
        cells = [_cell(known, state, bed, taken, day) for day in days]
        rows.append((known.beds[bed].number, list(_spans(known, cells, known.beds[bed].number, taken, days))))
    too_many = state.vacancy.discrepancy.too_many if state.vacancy.discrepancy else 0
    out_reason = state.report.out_reason if state.report else None
    return RoomPlan(state.room.id, state.room.name, _together(rows), too_many, out_reason)


def _counted(state: RoomState) -> list[tuple[BedUse, date | None]]:
    """Returns the beds that are not available according to the last count. Each bed has its use and the day on which
    the use ends. Order: beds in other use (latest end first), beds out of service, withheld beds.
    """
    report = state.report
    if report is None:
        return []
    used = msgspec.convert(report.other_use, tuple[OtherUse, ...])
    others = [(BedUse.OTHERS, use.until) for use in used for _ in range(use.count)]
    others.sort(key=lambda one: one[1] or date.max, reverse=True)
    out = [(BedUse.OUT, report.out_until)] * report.out_of_service
    return [*others, *out, *[(BedUse.WITHHELD, None)] * report.withheld]


def _first_of_household(known: _Known, state: RoomState, bed: int) -> int:
    """Returns the lowest number of a bed in this room that the household of `bed` has claimed. Sorting by this number
    lists the beds of a household together.
    """

    def cases(one: int) -> set[str]:
        return {claim.registration_id for claim in known.claims.get(one, ()) if claim.registration_id}

    theirs = [known.beds[one].number for one in state.beds if cases(bed) & cases(one)]
    return min(theirs, default=known.beds[bed].number)


def _cell(known: _Known, state: RoomState, bed: int, counted: tuple[BedUse, date | None] | None, day: date) -> _Cell:
    claims = known.claims.get(bed, ())
    begun = next((claim for claim in claims if claim.starts_on <= day and not _is_over(claim, day)), None)
    if begun is not None:
        return _claimed(known, begun, day)
    if not known.beds[bed].exists_on(day) or _is_closed(known, state.room, day):
        return BedUse.CLOSED, ""
    if any(claim.starts_on > day for claim in claims):
        return BedUse.EMPTY, ""
    if counted is not None and (counted[1] is None or day < counted[1]):
        return counted[0], ""
    return _unclaimed(state, day), ""


def _is_over(claim: BedClaim, day: date) -> bool:
    return claim.ends_on is not None and claim.ends_on <= day


def _is_closed(known: _Known, room: Room, day: date) -> bool:
    last = any(one is not None and one <= day for one in known.last_days[room.id])
    return last or any(one.is_on(day) for one in known.closures[room.id])


def _unclaimed(state: RoomState, day: date) -> BedUse:
    """Returns the use on this day of a bed that has no claim and is not in use according to the count."""
    report = state.report
    if report is None:
        return BedUse.UNKNOWN
    if any(claim.whole_room for claim in state.claims):
        return BedUse.EMPTY
    if state.room.beds_wanted is not None or state.room.is_in_doubt:
        return BedUse.WITHHELD
    return BedUse.NOT_YET if report.free_from is not None and day < report.free_from else BedUse.FREE


def _claimed(known: _Known, claim: BedClaim, day: date) -> _Cell:
    stay = known.stays.get(claim.hold_id or "") or known.stays.get(claim.stay_id or "")
    if stay is not None and stay.status is StayStatus.IN_HOUSE:
        leaves = known.leaves.get(stay.registration_id)
        if leaves is not None and leaves < day and known.today < day:
            return BedUse.EXPECTED_FREE, stay.id
        is_past = stay.limit_on is not None and is_past_limit(stay.limit_on, day)
        return BedUse.PAST_LIMIT if is_past else BedUse.LIVES, stay.id
    hold = known.holds.get(claim.hold_id or "")
    if hold is None:
        return BedUse.KEPT, ""
    use = {HoldStatus.WAITING_FOR_SHELTER: BedUse.ASKED, HoldStatus.CONFIRMED: BedUse.COMES}
    return use.get(hold.status, BedUse.KEPT), hold.id


def _spans(
    known: _Known, cells: Sequence[_Cell], bed: int, counted: tuple[BedUse, date | None] | None, days: Sequence[date]
) -> Iterator[Span]:
    for (use, key), group in groupby(zip(cells, days, strict=True), lambda one: one[0]):
        theirs = [day for _, day in group]
        until = counted[1] if counted is not None and counted[0] is use else None
        yield Span(use, theirs[0], theirs[-1], (bed,), _client(known, key), until)


def _client(known: _Known, key: str) -> Client | None:
    if hold := known.holds.get(key):
        return Client(hold.registration_id, None, hold.id, hold.expires_at, hold.expected_at)
    stay = known.stays.get(key)
    return Client(stay.registration_id, stay.id) if stay else None


def _together(rows: Sequence[tuple[int, list[Span]]]) -> tuple[tuple[int, tuple[Span, ...]], ...]:
    """Merges equal spans of a household in adjacent beds into a single span."""
    found: list[tuple[int, list[Span]]] = []
    for number, spans in rows:
        before = found[-1][0] if found else None
        beside = [one for _, row in found for one in row if one.client and one.beds[-1] == before]
        above = {(one.use, one.first, one.last, one.client): one for one in beside}
        kept = []
        for span in spans:
            same = above.get((span.use, span.first, span.last, span.client))
            if same is None:
                kept.append(span)
                continue
            merged = replace(same, beds=(*same.beds, number))
            found = [(bed, [merged if one is same else one for one in row]) for bed, row in found]
        found.append((number, kept))
    return tuple((number, tuple(row)) for number, row in found)
