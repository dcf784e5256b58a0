"""The details in a shelter's confirmation of a hold: time of arrival, driver, and telephone for the journey."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from placement.capacity import place_names
from placement.core.clock import day_of, moment_of
from placement.core.consent_codes import Driver
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.core.telephone import numbered
from placement.crypto.encrypted_columns import is_readable
from placement.placements.holds.handover_notes import told_of
from placement.tables import Hold, Registration

LONGEST_WAY = timedelta(days=14)
"""The longest time for which a bed is kept for an expected client (assumed)."""

LATE_AFTER = timedelta(hours=1)
"""The time after the expected arrival from which a client is late."""

_HALF_HOUR, _HOUR = timedelta(minutes=30), timedelta(hours=1)
_SOONEST = timedelta(minutes=10)
"""The least time from now to the first arrival time on offer (assumed). An earlier time would pass while the form is
filled in.
"""

_BY_HALF_HOURS = timedelta(hours=4)
_OFFERED_FOR = timedelta(hours=24)
_DAY_BEGINS, _DAY_ENDS = time(8), time(22)
"""The range of the arrival times on offer for a later day (assumed). A person can type any other time."""


@dataclass(frozen=True, slots=True)
class ArrivalDetails:
    """Details of an arrival. `road_telephone`: the number for the journey, in E.164; people see it until the arrival.
    `sure_of`: as in `telephone.numbered`.
    """

    expected_at: datetime | None = None
    driver: Driver | None = None
    road_telephone: str | None = None
    sure_of: Sequence[str] = ()


def agreed_of(held: Hold) -> ArrivalDetails:
    """Returns the details that were agreed and stored with the hold; unreadable values are `None`."""
    told = told_of(held)
    return ArrivalDetails(held.expected_at if is_readable(held.expected_at) else None, told.driver, told.road_telephone)


def late_at(held: Hold) -> datetime | None:
    """Returns the time from which the client is late; `None` if no time was agreed. If the request to the shelter or
    the shelter's answer was a late entry, the time is at least an hour after that entry.
    """
    expected = agreed_of(held).expected_at
    entered = held.entered_at if is_readable(held.entered_at) else None
    return None if expected is None else max(expected, entered or expected) + LATE_AFTER


def require_whole(act: Act, held: Hold, said: ArrivalDetails) -> ArrivalDetails:
    """Returns the details with a normalised telephone number. Raises `Invalid` with every missing or wrong field."""
    faults = [Fault("expected_at", "missing")] if said.expected_at is None else []
    if said.expected_at is not None:
        faults += _faults_of_time(act, held, said.expected_at)
    if said.driver is None:
        faults.append(Fault("driver", "missing"))
    number, wrong = numbered("road_telephone", said.road_telephone, said.sure_of)
    if faults := [*faults, *wrong]:
        raise Invalid(faults)
    return replace(said, road_telephone=number, sure_of=())


def require_time(act: Act, held: Hold, expected: datetime) -> None:
    """Raises `Invalid` if this is not a possible time of arrival."""
    if faults := list(_faults_of_time(act, held, expected)):
        raise Invalid(faults)


def keep(held: Hold, agreed: ArrivalDetails) -> None:
    """Stores the agreed details with the hold. The agreed driver replaces the planned driver."""
    told = replace(told_of(held), driver=agreed.driver, road_telephone=agreed.road_telephone)
    held.expected_at, held.told = agreed.expected_at and agreed.expected_at.astimezone(UTC), told.stored()


def first_day(registration: Registration, held: Hold) -> date:
    """Returns the first day on which the client needs the place, or the first day of the hold if that day is later."""
    begins: date = held.starts_on
    return max(registration.known("needed_from") or begins, begins)


def offered_times(act: Act, first: date) -> list[datetime]:
    """Returns arrival times to choose from: in the next 24 hours, or on the first possible day if that is later."""
    if first > act.day:
        begins, ends = moment_of(first, _DAY_BEGINS), moment_of(first, _DAY_ENDS)
        return list(_every(begins, ends, _HOUR))
    soon = act.at.replace(minute=0, second=0, microsecond=0)
    while soon < act.at + _SOONEST:
        soon += _HALF_HOUR
    near = list(_every(soon, act.at + _BY_HALF_HOURS, _HALF_HOUR))
    hour = near[-1].replace(minute=0) + _HOUR
    return [*near, *_every(hour, act.at + _OFFERED_FOR, _HOUR)]


def _every(begins: datetime, ends: datetime, step: timedelta) -> Iterator[datetime]:
    while begins <= ends:
        yield begins
        begins += step


def _faults_of_time(act: Act, held: Hold, expected: datetime) -> Iterator[Fault]:
    first = first_day(act.session.get_one(Registration, held.registration_id), held)
    last = place_names.open_until(act.session, held.unit_id)
    if expected < act.at:
        yield Fault("expected_at", "moment_passed")
    elif day_of(expected) > max(act.day, held.starts_on) + LONGEST_WAY:
        yield Fault("expected_at", "too_far_ahead", {"days": LONGEST_WAY.days})
    elif day_of(expected) < held.starts_on:
        yield Fault("expected_at", "bed_not_free_yet", {"free_from": held.starts_on.isoformat()})
    elif day_of(expected) < first:
        yield Fault("expected_at", "client_comes_later", {"first": first.isoformat()})
    elif last is not None and day_of(expected) >= last:
        yield Fault("expected_at", "place_ends_before", {"last": last.isoformat()})
