"""The last outage: its end, its duration, and the time after its end in which no term expires."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from placement.core.clock import CLOCKS_DIFFER
from placement.core.codes import StoreFact
from placement.storage import store_records

GIVEN_AFTER = timedelta(hours=1)
"""The time after an outage in which no term expires, so that users can enter what happened meanwhile (assumed)."""

_COUNTED_WITH = timedelta(days=7)
"""Two outages with less time between them count as a single outage (assumed)."""

_TOGETHER = timedelta(days=28)
"""The longest period over which outages are added up (assumed), for a service that is stopped each night."""


@dataclass(frozen=True, slots=True)
class Outage:
    back: datetime
    away: timedelta
    """The duration, including earlier outages that are added to it."""


def record(session: Session, since: datetime, back: datetime) -> None:
    before, away = last(session), back - since
    if before is not None and since - before.back < _COUNTED_WITH:
        away = max(away, before.away, min(away + before.away, _TOGETHER))
    store_records.record(session, StoreFact.SERVICE_BACK, back, str(int(away.total_seconds())))


def forget_later(session: Session, at: datetime) -> None:
    """Deletes an outage that a wrong clock recorded: its end is in the future, and no term would expire until then."""
    found = last(session)
    if found is not None and found.back > at + CLOCKS_DIFFER:
        store_records.forget(session, StoreFact.SERVICE_BACK)


def last(session: Session) -> Outage | None:
    found = store_records.records(session).get(StoreFact.SERVICE_BACK)
    return None if found is None else Outage(found.at, timedelta(seconds=int(found.detail or 0)))


def is_just_back(session: Session, at: datetime) -> bool:
    found = last(session)
    return found is not None and at - found.back < GIVEN_AFTER


def away_since(session: Session, moment: datetime) -> timedelta:
    """Returns how much of the last outage was after this moment; zero if the outage ended earlier."""
    found = last(session)
    if found is None or moment >= found.back:
        return timedelta(0)
    return min(found.away, found.back - moment)
