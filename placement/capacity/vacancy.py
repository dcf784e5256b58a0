"""The vacancy of a room, computed from its facts by pure functions.

free beds = beds - claims of stays and holds of this service - other use - out of service - withheld

If the result is negative, or differs from the shelter's count, the report contradicts known facts. The shelter and the
desk see the discrepancy, and nothing is overwritten.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from placement.core.codes import Freshness

HORIZON = timedelta(days=14)
"""The number of days from today within which a bed must become free to be offered (assumed)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of a hold or stay of this service on a bed. `gender` is `None` in two cases: for an empty bed of a
    household that shares its room with nobody, and for a client in doubt or with unreadable data. Such a client has
    `whole_room` too.
    """

    bed_id: int
    registration_id: str
    gender: str | None
    minor: bool
    whole_room: bool
    begun: bool = True
    """False if the claim begins later. A claim can be made on a bed that becomes free later."""
    high_care: bool = False
    """True if the client of the claim needs much care, or if the client's key is missing."""


@dataclass(frozen=True, slots=True)
class OtherUse:
    """Beds that people placed outside this service use. `until`: the first day on which these beds are free again."""

    count: int
    gender: str
    minor: bool = False
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    out_of_service: int = 0
    out_until: date | None = None
    other_use: tuple[OtherUse, ...] = ()
    free_from: date | None = None
    counted_free: int | None = None
    derived_free: int | None = None
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Occupant:
    registration_id: str
    gender: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A difference between a report and the figures of this service. `too_many`: the number of beds that are in use but
    do not exist. `counted`: the shelter's own count of free beds, if it differs from the count that was computed
    (`derived`).
    """

    too_many: int = 0
    counted: int | None = None
    derived: int | None = None


@dataclass(frozen=True, slots=True)
class Vacancy:
    free_beds: int
    free_from: date
    free_now: int
    occupants: tuple[Occupant, ...] = field(default=())
    discrepancy: Discrepancy | None = None


def vacancy(room_id: str, beds: Sequence[int], claims: Sequence[Claim], report: Reported | None, day: date) -> Vacancy:
    """Returns the beds that can be given out in this room. The day is `day`, or the day `free_from` of the report if
    that is later. Returns no beds if the room has no report. If no bed is free on that day, returns the beds of the
    first day within `HORIZON` on which a bed becomes free. A bed becomes free when people placed outside this service
    leave it, or when it is in service again. The claims of this service are not expected to end.
    """
    if report is None:
        return Vacancy(0, day, 0, _occupants(room_id, len(beds), claims, (), day))
    balance = _balance(len(beds), claims, report, day)
    ready = max(day, report.free_from or day)
    free_now = 0 if _household_alone(claims) else max(0, balance)
    free_beds, free_from = _first_free(len(beds), claims, report, ready)
    return Vacancy(
        free_beds=free_beds,
        free_from=free_from,
        free_now=free_now if ready == day else 0,
        occupants=_occupants(room_id, len(beds), claims, report.other_use, free_from),
        discrepancy=_discrepancy(balance + sum(1 for claim in claims if not claim.begun), report),
    )


def is_counted(reported_at: datetime | None, now: datetime, fresh: timedelta) -> bool:
    """Checks whether the shelter counted recently. All lists and figures of uncounted shelters use this check."""
    return reported_at is not None and now - reported_at <= fresh


def freshness(reported_at: datetime | None, now: datetime, fresh: timedelta, stale: timedelta) -> Freshness:
    """Returns the freshness, which depends on the age of the shelter's own report. A correction by the service does not
    count as a report.
    """
    if reported_at is None:
        return Freshness.NEVER
    if is_counted(reported_at, now, fresh):
        return Freshness.FRESH
    return Freshness.AGEING if now - reported_at <= stale else Freshness.STALE


def _still(use: Sequence[OtherUse], day: date) -> list[OtherUse]:
    return [row for row in use if row.until is None or row.until > day]


def others_on(report: Reported, day: date) -> int:
    """Returns the number of beds that people placed outside this service use on this day."""
    return sum(row.count for row in _still(report.other_use, day))


def beds_left(beds: int, report: Reported, day: date) -> int:
    """Returns the number of beds that this count leaves to clients of this service on this day. Negative if the count
    exceeds the existing beds.
    """
    out = report.out_of_service if report.out_until is None or report.out_until > day else 0
    return beds - others_on(report, day) - out


def _balance(beds: int, claims: Sequence[Claim], report: Reported, day: date) -> int:
    return beds_left(beds, report, day) - len(claims) - report.withheld


def _household_alone(claims: Sequence[Claim]) -> bool:
    return any(claim.whole_room for claim in claims)


def _first_free(beds: int, claims: Sequence[Claim], report: Reported, ready: date) -> tuple[int, date]:
    if _household_alone(claims):
        return 0, ready
    changes = {row.until for row in report.other_use} | {report.out_until}
    for day in [ready, *sorted(change for change in changes if change and ready < change <= ready + HORIZON)]:
        if (free := _balance(beds, claims, report, day)) > 0:
            return free, day
    return 0, ready


def _occupants(
    room_id: str, beds: int, claims: Sequence[Claim], use: Sequence[OtherUse], day: date
) -> tuple[Occupant, ...]:
    ours = [Occupant(c.registration_id, c.gender, c.minor) for c in claims if c.gender is not None]
    others = [
        Occupant(f"other-{room_id}-{number}-{n}", row.gender, row.minor)
        for number, row in enumerate(_still(use, day), start=1)
        for n in range(1, row.count + 1)
    ]
    return tuple((ours + others)[:beds])


def _discrepancy(balance: int, report: Reported) -> Discrepancy | None:
    if report.withheld:
        return None  # the service corrected the count, and the shelter has to confirm it
    if balance < 0:
        return Discrepancy(too_many=-balance)
    if report.counted_free != report.derived_free:
        return Discrepancy(counted=report.counted_free, derived=report.derived_free)
    return None
