"""The events of a week. Each event lists the readers who know of it without the report: shelters and care areas."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from placement.core.clock import start_of
from placement.core.codes import UNREGISTERED, DecisionKind, HoldStatus
from placement.core.reason_codes import MOVED_ON
from placement.crypto.encrypted_columns import is_readable
from placement.reports.inputs import area_reader, shelter_reader
from placement.storage.row_seals import only
from placement.tables import Decision, Hold, Location, Registration, Stay, Unit

Key = tuple[str, ...]
_REASONS = {DecisionKind.OVERRIDE: "override_reasons", DecisionKind.DECLINE: "decline_reasons"}


@dataclass(frozen=True, slots=True)
class Event:
    """An event. `keys`: the keys of the counts that include the event, such as `("decisions",)` and `("decisions",
    "accept")`.
    """

    keys: tuple[Key, ...]
    region: str | None
    """The area of the case; `None` if the case no longer exists."""

    shelters: frozenset[str] = frozenset()
    case: str | None = None
    """The registration; `None` if the event is the registration itself. Only the ledger of need reads it."""
    units: frozenset[str] = frozenset()

    @property
    def readers(self) -> list[str]:
        return [*([area_reader(self.region)] if self.region else []), *map(shelter_reader, sorted(self.shelters))]


@dataclass(frozen=True, slots=True)
class _Found:
    keys: tuple[Key, ...]
    case: str
    units: tuple[object, ...] = ()


def events_of(session: Session, days: tuple[date, date]) -> Iterator[Event]:
    """Yields the events from the day `days[0]` until the day before `days[1]`."""
    moments = start_of(days[0]), start_of(days[1])
    found = [*_stays(session, days, moments), *_holds(session, days, moments), *_decisions(session, moments)]
    shelters = dict(session.exec(select(Unit.id, Location.shelter_id).join(Location)).all())
    named = col(Registration.id).in_({one.case for one in found})
    cases = session.exec(select(Registration).where(named).options(only(Registration, Registration.region)))
    regions = {case.id: case.region for case in cases}
    for case in _registered(session, days):
        yield Event((("registered",),), case.region)
    for one in found:
        units = frozenset(str(unit) for unit in one.units if is_readable(unit))
        houses = frozenset(shelters[unit] for unit in units if unit in shelters)
        yield Event(one.keys, regions.get(one.case), houses, one.case, units)


def _registered(session: Session, days: tuple[date, date]) -> Iterator[Registration]:
    """Returns the registrations that were made on these days, except take-overs. A registration whose key is missing is
    included, because it is unknown whether it was a take-over.
    """
    made = _within(Registration.waits_on, days)
    known = session.exec(select(Registration).where(*made, col(Registration.status).not_in(UNREGISTERED)))
    return (one for one in known if one.known("taken_over_on") is None and not _was_refused(one))


def _was_refused(case: Registration) -> bool:
    """Checks whether the case was closed before anybody had registered the client."""
    closing = case.known("closing")
    return closing is not None and closing.status.is_unregistered


def _stays(session: Session, days: tuple[date, date], moments: tuple[datetime, datetime]) -> Iterator[_Found]:
    """Yields arrivals, moves and ends of stays. Leaving a place and arriving at the next place is a single event. The
    return of a missing client to the former bed is not an arrival.
    """
    columns = only(Stay, Stay.registration_id, Stay.unit_id, Stay.arrived_at, Stay.end_reason)
    left: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in session.exec(select(Stay).where(*_within(Stay.ended_on, days)).options(columns)):
        if stay.end_reason == MOVED_ON:
            left[stay.registration_id].append(stay)
        else:
            yield _Found((("ended",), ("end_reasons", str(stay.end_reason))), stay.registration_id, (stay.unit_id,))
    first = col(Stay.taken_over_on).is_(None), col(Stay.goes_on_from).is_(None)
    here = col(Stay.arrived_at).is_not(None), *first, _not_over(Stay.ended_on, days[0])
    arrived: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in session.exec(select(Stay).where(*here).options(columns)):
        if _lies_within(stay.arrived_at, moments):
            arrived[stay.registration_id].append(stay)
    for case, stays in arrived.items():
        stays.sort(key=lambda stay: (stay.arrived_at, stay.id))
        for stay in stays[: max(0, len(stays) - len(left[case]))]:
            yield _Found((("arrived",),), case, (stay.unit_id,))
    for case, gone in left.items():
        for number, stay in enumerate(reversed(gone)):
            came = arrived[case][-1 - number :][:1] if number < len(arrived[case]) else []
            yield _Found((("moved",),), case, (stay.unit_id, *(one.unit_id for one in came)))


def _holds(session: Session, days: tuple[date, date], moments: tuple[datetime, datetime]) -> Iterator[_Found]:
    columns = only(Hold, Hold.registration_id, Hold.unit_id, Hold.reason, Hold.expires_at)
    refused = select(Hold).where(*_within(Hold.ended_on, days), Hold.status == HoldStatus.REFUSED)
    for hold in session.exec(refused.options(columns)):
        yield _Found((("refused",), ("refusal_reasons", str(hold.reason))), hold.registration_id, (hold.unit_id,))
    asked = Hold.status == HoldStatus.EXPIRED, col(Hold.asked_at).is_not(None)
    expired = select(Hold).where(*asked, _not_over(Hold.ended_on, days[0]))
    for hold in session.exec(expired.options(columns)):
        if _lies_within(hold.expires_at, moments):
            yield _Found((("expired",),), hold.registration_id, (hold.unit_id,))


def _decisions(session: Session, moments: tuple[datetime, datetime]) -> Iterator[_Found]:
    columns = only(Decision, Decision.registration_id, Decision.unit_id, Decision.kind, Decision.reason)
    for one in session.exec(select(Decision).where(*_within(Decision.decided_at, moments)).options(columns)):
        reasons = [(_REASONS[one.kind], str(one.reason))] if one.kind in _REASONS else []
        keys: tuple[Key, ...] = (("decisions",), ("decisions", one.kind.value), *reasons)
        yield _Found(keys, one.registration_id, (one.unit_id,))


def _within(column: object, ends: Sequence[object]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(column) >= ends[0], col(column) < ends[1]


def _not_over(ended_on: object, day: date) -> ColumnElement[bool]:
    """Returns the SQL condition for rows that had not ended before this day. The sealed times of all other rows need
    not be decrypted.
    """
    return or_(col(ended_on).is_(None), col(ended_on) >= day)


def _lies_within(moment: datetime, ends: tuple[datetime, datetime]) -> bool:
    return is_readable(moment) and ends[0] <= moment < ends[1]
