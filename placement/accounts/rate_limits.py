"""Rate limits: slow down guessing without locking any user out: see docs/guide/accounts.md.

A try is counted before it is judged, in a transaction of its own: so simultaneous tries are counted each.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col

from placement.core.errors import TooManyTries, Unauthenticated
from placement.core.ids import fingerprint
from placement.storage.database import Database
from placement.storage.unique_insert import insert_once
from placement.tables import RateLimit

KEPT = timedelta(days=1)
_CLOCKS_DIFFER = timedelta(minutes=1)
"""So much later than now another process may have counted (assumed); what is later is of a clock that was put back."""


@dataclass(frozen=True, slots=True)
class Pace:
    """One rate limit: so many tries are free; after that each waits twice as long as the one before, from `first` to
    `longest`.
    """

    free: int
    first: timedelta
    longest: timedelta
    forgotten_after: timedelta
    """After so long without a try, all are free again."""

    def wait(self, tries: int) -> timedelta:
        beyond = tries - self.free
        return min(self.first * 2 ** min(beyond - 1, 30), self.longest) if beyond > 0 else timedelta(0)


BY_SECRET = Pace(free=20, first=timedelta(seconds=2), longest=timedelta(minutes=5), forgotten_after=timedelta(hours=1))
"""Rate limit of keys and invitations that open nothing, from one network."""


def subject_of(*parts: str) -> str:
    """The stored subject that tries are counted by: a fingerprint, which identifies no person and no address."""
    return fingerprint(" ".join(parts))


def take(database: Database, pace: Pace, subject: str, at: datetime) -> int:
    """Counts a try; returns 0 when it may go ahead, else the seconds to wait, and then nothing is counted."""
    with database.transaction() as session:
        row = _locked(session, subject, at)
        if row.tries > pace.free and at < row.not_before:
            return ceil((row.not_before - at).total_seconds())
        row.tries = 1 if row.last_at + pace.forgotten_after <= at else row.tries + 1
        row.last_at, row.not_before = at, at + pace.wait(row.tries)
    return 0


def count(database: Database, pace: Pace, subject: str, at: datetime) -> None:
    """Counts a try as `take` does, and raises `TooManyTries` if it is not allowed."""
    if wait := take(database, pace, subject, at):
        raise TooManyTries(wait)


class Balance(NamedTuple):
    """A rate limit that fills up evenly: so many at once, and then one each time that `each` has passed."""

    holds: int
    each: timedelta


def spend(database: Database, subject: str, at: datetime, balance: Balance) -> int:
    """Does the same as `spend_within`, in a transaction of its own."""
    with database.transaction() as session:
        return spend_within(session, subject, at, balance)


def spend_within(session: Session, subject: str, at: datetime, balance: Balance) -> int:
    """Takes a unit from a balance and returns 0; if it is empty, takes nothing and returns the seconds to wait.

    `not_before` is when the balance will be full (GCRA, ITU-T I.371).
    """
    row = _locked(session, subject, at)
    full_at = max(row.not_before, at) + balance.each
    beyond = full_at - at - balance.holds * balance.each
    if beyond > timedelta(0):
        return ceil(beyond.total_seconds())
    row.tries, row.last_at, row.not_before = row.tries + 1, at, full_at
    return 0


def spent(session: Session, subject: str, at: datetime, balance: Balance) -> int:
    """Returns how many were taken from a balance and have not filled up yet."""
    row = session.get(RateLimit, subject)
    return 0 if row is None else ceil(max(row.not_before - at, timedelta(0)) / balance.each)


@contextmanager
def slowed(database: Database, network: str, at: datetime) -> Iterator[None]:
    """Raises `TooManyTries` instead of `Unauthenticated` if too many secrets from this network opened nothing.

    A right secret is judged first and never waits, however many are tried from there. A secret is too long to be
    guessed, so this protects the log and the database from being filled, not the secret.
    """
    try:
        yield
    except Unauthenticated:
        wait = take(database, BY_SECRET, subject_of("secrets from", network), at)
        if wait:
            raise TooManyTries(wait) from None
        raise


def let_off(session: Session, subject: str) -> None:
    """Forgets the tries of these subjects: the user signed in."""
    session.execute(delete(RateLimit).where(col(RateLimit.subject) == subject))


def give_back(session: Session, subject: str, balance: Balance) -> None:
    """Puts one back that was good; those of others at the same address stay taken."""
    row = session.get(RateLimit, subject, with_for_update=True)
    if row is not None:
        row.not_before -= balance.each


def _locked(session: Session, subject: str, at: datetime) -> RateLimit:
    """Returns the locked row; makes it if it is missing, or was erased just before it could be locked. If the clock was
    put back, removes waiting times of the other time.
    """
    while (row := session.get(RateLimit, subject, with_for_update=True)) is None:
        insert_once(session, RateLimit(subject=subject, last_at=at, not_before=at))
    if row.last_at > at + _CLOCKS_DIFFER:
        row.last_at = row.not_before = at
    return row
