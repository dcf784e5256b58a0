"""The last outage: when the service was back, how long it was away, and how long after it nothing lapses."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from placement.core.clock import CLOCKS_DIFFER
from placement.core.codes import StoreFact
from placement.storage import store_records

GIVEN_AFTER = timedelta(hours=1)
"""So long after an outage nothing lapses by itself, so that what happened meanwhile can be entered (assumed)."""

_COUNTED_WITH = timedelta(days=7)
"""An outage counts with the one before it, if that ended less than so long ago (assumed)."""

_TOGETHER = timedelta(days=28)
"""So long do outages count together at most (assumed): a service that is stopped each night adds up for ever else."""


@dataclass(frozen=True, slots=True)
class Outage:
    back: datetime
    away: timedelta
    """How long, with the outages that count with it."""


def record(session: Session, since: datetime, back: datetime) -> None:
    before, away = last(session), back - since
    if before is not None and since - before.back < _COUNTED_WITH:
        away = max(away, before.away, min(away + before.away, _TOGETHER))
    store_records.record(session, StoreFact.SERVICE_BACK, back, str(int(away.total_seconds())))


def forget_later(session: Session, at: datetime) -> None:
    """Forgets an outage that ends only later: the clock was put back, and nothing would lapse until it is there."""
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
    """How long the service was away in the last outage, for what is from before its end."""
    found = last(session)
    if found is None or moment >= found.back:
        return timedelta(0)
    return min(found.away, found.back - moment)
