"""Conflicts between kept beds and counts: a bed is kept for an expected client, but the shelter's latest count does not
include it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, or_, select

from placement.capacity.newest_reports import newest_of_rooms
from placement.capacity.room_state import reported
from placement.capacity.vacancy import Reported, beds_left, others_on
from placement.core.clock import day_of
from placement.core.codes import StayStatus
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.placements.holds.reserved_places import KEPT, LONGEST_ACT, ReservedPlace
from placement.shelters.beds import beds_on, live
from placement.storage.bed_claims import claims_on
from placement.tables import BedClaim, CapacityReport, Hold, Room, RoomReport, Stay


@dataclass(frozen=True, slots=True)
class _Expected:
    """A household for which beds of a room are kept. `alone`: true if the household shares the room with nobody."""

    hold: str
    comes_on: date
    persons: int
    alone: bool


def lost_by_count(act: Act, kept: Collection[ReservedPlace]) -> frozenset[str]:
    """Returns the cases in which a person has no bed according to the shelter's newest count.

    The counted beds are assigned to residents first, then to expected clients in the order of their holds. A bed that
    is back in use on the client's day of arrival is available.
    """
    readable = [one for one in kept if one.is_readable]
    counts = _counts(act, readable) if readable else {}
    if not counts:
        return frozenset()
    case_of = {one.hold_id: one.case.id for one in readable}
    beds = {room: [bed.id or 0 for bed in found] for room, found in beds_on(act.session, [*counts], act.day).items()}
    claims = claims_on(act.session, [bed for found in beds.values() for bed in found], *live(act.day))
    kept_since = _kept_since(act.session, {str(claim.hold_id) for claim in claims})
    lost = set()
    for room, count in counts.items():
        here = [claim for claim in claims if claim.bed_id in beds[room] and claim.person_id]
        lived_in = sum(claim.hold_id not in kept_since for claim in here)
        expected = _expected(here, kept_since)
        lost |= {one.hold for one in _without_bed(len(beds[room]) - lived_in, expected, count, act.day)}
    return frozenset(case_of[hold] for hold in lost & case_of.keys())


def _counts(act: Act, kept: Collection[ReservedPlace]) -> dict[str, Reported]:
    """Returns, by room, the newest count, if that count has beds out of service or in other use. Ignores counts from
    before the earliest decision on these places, because each client had a bed at the decision.
    """
    since = min(one.decision.decided_at for one in kept) - LONGEST_ACT
    rooms = newest_of_rooms(col(Room.unit_id).in_({one.row.unit_id for one in kept}))
    newest = select(RoomReport, CapacityReport.at).join(CapacityReport).where(col(RoomReport.id).in_(rooms))
    counts = {row.room_id: reported(row) for row, at in act.session.exec(newest) if at > since}
    return {room: one for room, one in counts.items() if one is not None and (one.out_of_service or one.other_use)}


def _kept_since(session: Session, holds: Collection[str]) -> dict[str, date]:
    """Returns the holds whose clients have not arrived, oldest first, each with the agreed day of arrival. The day is
    `date.min` if no day was agreed.
    """
    planned = (col(Stay.hold_id) == Hold.id) & (col(Stay.status) == StayStatus.PLANNED)
    query = select(Hold).join(Stay, planned, isouter=True).order_by(col(Hold.made_at), Hold.id)
    is_kept = or_(col(Hold.status).in_(KEPT), col(Stay.id).is_not(None))
    found = session.exec(query.where(col(Hold.id).in_(holds), is_kept))
    return {str(one.id): _day_agreed(one) for one in found}


def _day_agreed(held: Hold) -> date:
    expected = held.expected_at
    return day_of(expected) if is_readable(expected) and expected is not None else date.min


def _expected(here: Sequence[BedClaim], kept: Mapping[str, date]) -> list[_Expected]:
    claims: dict[str, list[BedClaim]] = defaultdict(list)
    for claim in here:
        claims[str(claim.hold_id)].append(claim)
    return [
        _Expected(hold, max(day, claims[hold][0].starts_on), len(claims[hold]), claims[hold][0].whole_room)
        for hold, day in kept.items()
        if hold in claims
    ]


def _without_bed(beds: int, expected: Sequence[_Expected], count: Reported, today: date) -> Iterator[_Expected]:
    """Yields the households for which no bed is left. `beds`: the number of beds in the room that no resident uses."""
    seated: list[_Expected] = []
    for one in expected:
        first = max(today, one.comes_on)
        days = {first, *(other.comes_on for other in seated if other.comes_on > first)}
        if all(_fit([other for other in (*seated, one) if other.comes_on <= day], beds, count, day) for day in days):
            seated.append(one)
        else:
            yield one


def _fit(there: Sequence[_Expected], beds: int, count: Reported, day: date) -> bool:
    if any(one.alone for one in there) and others_on(count, day):
        return False
    return sum(one.persons for one in there) <= beds_left(beds, count, day)
