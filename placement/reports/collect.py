"""The rows of the report for a moment. `docs/guide/reports.md` describes what can be known about a past moment. A
registration waits from its beginning to its closing, except while a bed is claimed for it. A claim begins when its hold
is made. For the end of a claim or stay, only the day is known, not the hour. A claim or stay that ends on the day of
the report is treated as ended. Missing clients, and residents for whom another place is sought (`moving`), are counted
separately.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from msgspec import structs
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from placement.areas.lookup import names
from placement.capacity import place_names
from placement.capacity.newest_reports import last_confirmed, newest_of_shelter, until
from placement.capacity.room_state import reported
from placement.capacity.vacancy import Claim, Reported, beds_left, freshness, vacancy
from placement.core.area_codes import PlaceKind
from placement.core.clock import day_of
from placement.core.codes import UNREGISTERED, HoldStatus, RoomFeature, StayStatus
from placement.core.request_codes import ASKED_FOR
from placement.core.settings import Settings
from placement.crypto.encrypted_columns import is_readable
from placement.placements.stays.stay_clock import began_on
from placement.registrations.case_list import waits_since
from placement.registrations.consent_ground import is_restricted
from placement.registrations.entitlement import ADULT
from placement.reports.causes import NO_SCHEME, UNKNOWN, BlockingCauses
from placement.reports.inputs import (
    Before,
    Left,
    RoomRow,
    Rows,
    ShelterRow,
    Span,
    StayRow,
    UnitRow,
    WaitingRow,
    area_reader,
    shelter_reader,
)
from placement.reports.missing_clients import is_away, missing_at
from placement.reports.moments import moment_of
from placement.reports.sections.flow import flow_row
from placement.shelters.beds import begun, closed_room_ids
from placement.storage import field_sealing
from placement.storage.bed_claims import all_claims
from placement.storage.rows_by_id import rows_by_id
from placement.tables import (
    Bed,
    BedClaim,
    CapacityReport,
    Hold,
    Location,
    Registration,
    Room,
    RoomReport,
    Shelter,
    Stay,
    Unit,
)

NONE_NAMED = "none_named"
LOOKS_BACK = timedelta(days=60)
"""The period for which the beds of ended stays are listed individually. It covers every forecast that is checked."""


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A claim on a bed at the moment of the report. `in_house`: true if the client lives there."""

    bed_id: int
    registration_id: str
    stay_id: str | None
    whole_room: bool
    begun: bool
    in_house: bool


class _Lived(NamedTuple):
    """A stay that has begun, with the region of its case and the first day of the stay's clock."""

    stay: Stay
    region: str
    clock_from: date


def rows_at(
    session: Session,
    settings: Settings,
    on: date,
    *,
    blocking_causes: BlockingCauses | None = None,
    before: Sequence[Before] = (),
) -> Rows:
    """Returns all input for the report of this day. `before`: earlier reports, oldest first."""
    as_of = moment_of(on)
    claims = claims_at(session, as_of)
    stays = _stays(session, as_of)
    beds_of = _beds_of_stays(session)
    units = _units(session, claims, as_of)
    there = {unit.unit for unit in units}
    schemes = {unit: str(scheme) for unit, scheme in session.exec(select(Unit.id, Unit.scheme))}
    day = day_of(as_of)
    moving, moving_of_readers = _moving(session, claims, as_of)
    active = active_at(session, as_of)
    missing, missing_of_readers = missing_at(session, active, as_of)
    return Rows(
        on=on,
        as_of=as_of,
        late=blocking_causes is None,
        shelters=_shelters(session, settings, as_of),
        units=units,
        waiting=_waiting(session, active, as_of, {claim.registration_id for claim in claims}, blocking_causes),
        extras=blocking_causes.extras if blocking_causes else (),
        flow=flow_row(session, on),
        stays=tuple(
            sorted(
                StayRow(
                    unit=stay.unit_id,
                    region=region,
                    day=(day - clock_from).days,
                    limit=(stay.limit_on - clock_from).days,
                    beds=beds_of[stay.id],
                    blocker=stay.blocker or NONE_NAMED,
                    before=(stay.starts_on - clock_from).days,
                )
                for stay, region, clock_from in stays
                if _lasts(stay, day)
            )
        ),
        spans=_spans(stays, schemes, day),
        left=tuple(
            sorted(
                Left(stay.unit_id, stay.taken_over_on or stay.starts_on, stay.ended_on, beds_of[stay.id])
                for stay, *_ in stays
                if stay.ended_on and not _lasts(stay, day) and stay.ended_on > day - LOOKS_BACK
                if stay.unit_id in there
            )
        ),
        before=tuple(before),
        areas=_areas(session, day),
        moving=moving,
        moving_of_readers=moving_of_readers,
        missing=missing,
        missing_of_readers=missing_of_readers,
    )


def _areas(session: Session, day: date) -> tuple[tuple[str, str], ...]:
    """Returns every area with its name on this day. Ended areas are included: they can still have cases."""
    known = names(session, PlaceKind.AREA, date.max) | names(session, PlaceKind.AREA, day)
    return tuple(sorted(known.items()))


def _stays(session: Session, as_of: datetime) -> list[_Lived]:
    """Returns every stay that had begun. Leaves out stays whose content was erased or cannot be decrypted."""
    began = col(Stay.arrived_at).is_not(None), col(Stay.unit_id).is_not(None)
    query = columns(Stay, col(Registration.region)).join(
        Registration, col(Registration.id) == col(Stay.registration_id)
    )
    found = [
        (stay, region)
        for stay, region in session.execute(query.where(*began).order_by(col(Stay.id)))
        if is_readable(stay.unit_id, stay.starts_on, stay.limit_on, stay.arrived_at) and stay.arrived_at <= as_of
    ]
    clocks = began_on(session, [stay for stay, _ in found])
    return [_Lived(stay, region, clocks[stay.id]) for stay, region in found]


def _lasts(stay: Stay, day: date) -> bool:
    return stay.ended_on is None or stay.ended_on > day


def claims_at(session: Session, as_of: datetime) -> list[_Claimed]:
    day = day_of(as_of)
    lasted = all_claims(session, col(BedClaim.ends_on).is_(None) | (col(BedClaim.ends_on) > day))
    holds = rows_by_id(session, Hold, (claim.hold_id for claim in lasted))
    stays = rows_by_id(session, Stay, (claim.stay_id for claim in lasted))
    rows = [(claim, holds.get(str(claim.hold_id)), stays.get(str(claim.stay_id))) for claim in lasted]
    return [
        _Claimed(
            bed_id=claim.bed_id,
            registration_id=claim.registration_id or claim.id,
            stay_id=claim.stay_id,
            whole_room=claim.whole_room,
            begun=claim.starts_on <= day,
            in_house=_has_arrived(stay, as_of),
        )
        for claim, hold, stay in rows
        if _stood(claim, hold, stay, as_of)
    ]


def _has_arrived(stay: Stay | None, as_of: datetime) -> bool:
    if stay is None or stay.status is StayStatus.PLANNED:
        return False
    return not is_readable(stay.arrived_at) or (stay.arrived_at is not None and stay.arrived_at <= as_of)


def _stood(claim: BedClaim, hold: Hold | None, stay: Stay | None, as_of: datetime) -> bool:
    if hold is None:
        return claim.starts_on <= day_of(as_of) and not claim.cancelled
    if hold.made_at > as_of:
        return False
    if not claim.cancelled:
        return True
    if stay is not None:
        return stay.ended_on is None or stay.ended_on > day_of(as_of)
    gone_at = hold.expires_at if hold.status is HoldStatus.EXPIRED else hold.answered_at
    if not is_readable(gone_at):
        return hold.ended_on is None or hold.ended_on > day_of(as_of)
    return gone_at is None or gone_at > as_of


def active_at(session: Session, as_of: datetime) -> list[Registration]:
    """Returns the registrations that existed and were not closed at this moment. Leaves out cases that are restricted
    now, because figures may not include a restricted client.
    """
    registered = session.exec(
        select(Registration).where(
            col(Registration.status).not_in(UNREGISTERED),
            Registration.waits_on <= day_of(as_of),
            col(Registration.closed_on).is_(None) | (col(Registration.closed_on) > day_of(as_of)),
        )
    )
    return [one for one in registered if waits_since(one) <= as_of and not is_restricted(one)]


def _waiting(
    session: Session,
    active: Iterable[Registration],
    as_of: datetime,
    claimed: set[str],
    blocking_causes: BlockingCauses | None,
) -> tuple[WaitingRow, ...]:
    registered = [one for one in active if not is_away(one, as_of)]
    lost = set(field_sealing.missing_keys(session, [one.id for one in registered])) if blocking_causes else set()
    return tuple(
        sorted(
            WaitingRow(
                region=one.region,
                urgency=one.urgency,
                days=(as_of - waits_since(one)).days,
                cause=blocking_causes.causes.get(one.id, NO_SCHEME)
                if blocking_causes and one.id not in lost
                else UNKNOWN,
            )
            for one in registered
            if one.id not in claimed
        )
    )


def _moving(
    session: Session, claims: Iterable[_Claimed], as_of: datetime
) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Counts the open requests of residents for whom no bed elsewhere is kept. Returns the number of requests by kind,
    and each reader's share of these numbers. A reader is an area, or the shelter in which the client lives.
    """
    on_beds: defaultdict[str, set[int]] = defaultdict(set)
    for claim in claims:
        if claim.in_house:
            on_beds[claim.registration_id].add(claim.bed_id)
    live = on_beds.keys() - {claim.registration_id for claim in claims if not claim.in_house}
    where = select(Bed.id, Location.shelter_id).join(Room).join(Unit).join(Location)
    shelter_of = {bed or 0: shelter for bed, shelter in session.exec(where)}
    every: Counter[str] = Counter()
    readers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in session.exec(select(Registration).where(col(Registration.id).in_(live))):
        sought = [
            request.kind.value
            for request in one.known("requests") or ()
            if request.kind in ASKED_FOR and request.made_at <= as_of
            if request.ended_on is None or request.ended_on > day_of(as_of)
        ]
        every.update(sought)
        if sought:
            for reader in {area_reader(one.region), *(shelter_reader(shelter_of[bed]) for bed in on_beds[one.id])}:
                readers[reader].update(sought)
    return every, {reader: dict(counts) for reader, counts in readers.items()}


def _shelters(session: Session, settings: Settings, as_of: datetime) -> tuple[ShelterRow, ...]:
    reported_at = last_confirmed(session, as_of)
    newest = _newest_reports(session, as_of)
    return tuple(
        ShelterRow(
            shelter=shelter.id,
            name=shelter.name,
            reported_at=reported_at.get(shelter.id),
            freshness=freshness(reported_at.get(shelter.id), as_of, settings.fresh_within, settings.stale_after).value,
            corrected=shelter.id in newest and not newest[shelter.id].confirmed,
        )
        for shelter in session.exec(select(Shelter).order_by(Shelter.id))
        if shelter.exists_on(day_of(as_of))
    )


def _newest_reports(session: Session, as_of: datetime) -> dict[str, CapacityReport]:
    ids = select(newest_of_shelter(col(CapacityReport.id), *until(session, as_of))).select_from(Shelter)
    found = session.exec(select(CapacityReport).where(col(CapacityReport.id).in_(ids)))
    return {report.shelter_id: report for report in found}


def _units(session: Session, claims: Iterable[_Claimed], as_of: datetime) -> tuple[UnitRow, ...]:
    days = {report.id: day_of(report.at) for report in _newest_reports(session, as_of).values()}
    reports = {row.room_id: row for row in session.exec(select(RoomReport).where(col(RoomReport.report_id).in_(days)))}
    beds: dict[str, list[Bed]] = defaultdict(list)
    day = day_of(as_of)
    for bed in session.exec(select(Bed).order_by(Bed.room_id, col(Bed.number))):
        if bed.exists_on(day):
            beds[bed.room_id].append(bed)
    closed = closed_room_ids(session, day)
    on_bed: dict[int, list[_Claimed]] = defaultdict(list)
    for claim in claims:
        on_bed[claim.bed_id].append(claim)
    rooms: dict[str, list[RoomRow]] = defaultdict(list)
    for room in session.exec(select(Room).order_by(Room.id)):
        if there := beds[room.id]:
            here = [claim for bed in there for claim in on_bed[bed.id or 0]]
            count = reports.get(room.id)
            is_older = count is not None and days[count.report_id] < begun(there)
            row = _room(room, [bed.id or 0 for bed in there], here, None if is_older else count, day)
            shut = room.id in closed or room.beds_wanted is not None
            rooms[room.unit_id].append(structs.replace(row, free=0) if shut else row)
    known = place_names.read_all(session)
    last_days = place_names.last_days(session)
    return tuple(
        UnitRow(
            unit=unit.id,
            name=unit.name,
            shelter=location.shelter_id,
            region=location.region.value,
            scheme=unit.scheme.value,
            admits=tuple(unit.admits),
            adults=unit.max_age >= ADULT,
            children=unit.children_max_age is not None,
            rooms=tuple(rooms[unit.id]),
            open_until=last_days.get(unit.id),
        )
        for unit, location, shelter in sorted(known, key=lambda parts: parts[0].id)
        if unit.exists_on(day) and location.exists_on(day) and shelter.exists_on(day)
    )


def _room(room: Room, beds: list[int], here: list[_Claimed], row: RoomReport | None, day: date) -> RoomRow:
    room_report = reported(row) or Reported()
    claims = [Claim(one.bed_id, one.registration_id, None, False, one.whole_room, one.begun) for one in here]
    found = vacancy(room.id, beds, claims, reported(row), day)
    others = [use for use in room_report.other_use if use.until is None or use.until > day]
    closed = room_report.out_of_service if room_report.out_until is None or room_report.out_until > day else 0
    expected = [one.begun for one in here if not one.in_house]
    left = beds_left(len(beds), room_report, day) - room_report.withheld - len(here) + len(expected)
    ends = Counter({use.until: 0 for use in others if use.until})
    for use in others:
        if use.until:
            ends[use.until] += use.count
    if closed and room_report.out_until:
        ends[room_report.out_until] += closed
    return RoomRow(
        beds=len(beds),
        used=sum(1 for one in here if one.in_house),
        held=max(expected.count(True), min(len(expected), left)),  # until a hold begins, others may use its bed
        others=sum(use.count for use in others),
        out=closed,
        out_reason=row.out_reason.value if row and row.out_reason and closed else None,
        out_until=room_report.out_until if closed else None,
        withheld=room_report.withheld,
        free=found.free_now,
        empty=not here and not others,
        wheelchair=RoomFeature.WHEELCHAIR.value in room.features,
        too_many=found.discrepancy.too_many if found.discrepancy else 0,
        counted_otherwise=bool(found.discrepancy and not found.discrepancy.too_many),
        ends=tuple(sorted(ends.items())),
    )


def _beds_of_stays(session: Session) -> Mapping[str, int]:
    claimed = select(BedClaim.stay_id).where(col(BedClaim.stay_id).is_not(None))
    return Counter(str(stay) for stay in session.exec(claimed))


def _spans(stays: Iterable[_Lived], schemes: Mapping[str, str], day: date) -> tuple[Span, ...]:
    lengths = Counter(
        (
            schemes[stay.unit_id],
            ((day if _lasts(stay, day) else stay.ended_on or day) - stay.starts_on).days,
            not _lasts(stay, day),
            (stay.taken_over_on - stay.starts_on).days if stay.taken_over_on else 0,
        )
        for stay, *_ in stays
    )
    spans = (Span(scheme, days, ended, count, since) for (scheme, days, ended, since), count in lengths.items())
    return tuple(sorted(spans))
