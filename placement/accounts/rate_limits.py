"""Rate limits. They slow down guessing without locking a user out (docs/guide/accounts.md). An attempt is counted
before it is checked, in a separate transaction. So all attempts are counted, even if they are simultaneous.
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
"""The largest difference between processes' clocks (assumed). If the last attempt is further in the future, the clock
has been put back since.
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """A rate limit: `free` attempts without waiting, then waiting times that double from `first` to `longest`."""

    free: int
    first: timedelta
    longest: timedelta
    forgotten_after: timedelta
    """The time without an attempt after which earlier attempts no longer count."""

    def wait(self, tries: int) -> timedelta:
        beyond = tries - self.free
        return min(self.first * 2 ** min(beyond - 1, 30), self.longest) if beyond > 0 else timedelta(0)


BY_SECRET = Pace(free=20, first=timedelta(seconds=2), longest=timedelta(minutes=5), forgotten_after=timedelta(hours=1))
"""Rate limit for wrong keys and invitations from a network."""


def subject_of(*parts: str) -> str:
    """Returns the key under which a rate limit is stored (its *subject*). The key is a fingerprint, which discloses no
    person and no address.
    """
    return fingerprint(" ".join(parts))


def take(database: Database, pace: Pace, subject: str, at: datetime) -> int:
    """Counts an attempt and returns 0, if the attempt is allowed. Otherwise counts nothing, and returns the number of
    seconds to wait.
    """
    with database.transaction() as session:
        row = _locked(session, subject, at)
        if row.tries > pace.free and at < row.not_before:
            return ceil((row.not_before - at).total_seconds())
        row.tries = 1 if row.last_at + pace.forgotten_after <= at else row.tries + 1
        row.last_at, row.not_before = at, at + pace.wait(row.tries)
    return 0


def count(database: Database, pace: Pace, subject: str, at: datetime) -> None:
    """Counts an attempt. Raises `TooManyTries` if it is not allowed."""
    if wait := take(database, pace, subject, at):
        raise TooManyTries(wait)


class Balance(NamedTuple):
    """A rate limit that refills evenly: `holds` attempts at once, and another attempt after each period `each`."""

    holds: int
    each: timedelta


def spend(database: Database, subject: str, at: datetime, balance: Balance) -> int:
    """Does the same as `spend_within`, in its own transaction."""
    with database.transaction() as session:
        return spend_within(session, subject, at, balance)


def spend_within(session: Session, subject: str, at: datetime, balance: Balance) -> int:
    """Counts an attempt and returns 0. If the balance is empty, counts nothing and returns the number of seconds to
    wait. The column `not_before` contains the time at which the balance will be full again (GCRA, ITU-T I.371).
    """
    row = _locked(session, subject, at)
    full_at = max(row.not_before, at) + balance.each
    beyond = full_at - at - balance.holds * balance.each
    if beyond > timedelta(0):
        return ceil(beyond.total_seconds())
    row.tries, row.last_at, row.not_before = row.tries + 1, at, full_at
    return 0


def spent(session: Session, subject: str, at: datetime, balance: Balance) -> int:
    """Returns the number of attempts that were counted and have not been refilled yet."""
    row = session.get(RateLimit, subject)
    return 0 if row is None else ceil(max(row.not_before - at, timedelta(0)) / balance.each)


@contextmanager
def slowed(database: Database, network: str, at: datetime) -> Iterator[None]:
    """Raises `TooManyTries` instead of `Unauthenticated` if too many wrong secrets came from this network. A request
    with a correct secret never waits. The limit does not protect the secrets, which are too long to be guessed. It
    prevents that wrong attempts fill the log and the database.
    """
    try:
        yield
    except Unauthenticated:
        wait = take(database, BY_SECRET, subject_of("secrets from", network), at)
        if wait:
            raise TooManyTries(wait) from None
        raise


def let_off(session: Session, subject: str) -> None:
    """Resets the rate limit with this subject. Called after the user has signed in."""
    session.execute(delete(RateLimit).where(col(RateLimit.subject) == subject))


def give_back(session: Session, subject: str, balance: Balance) -> None:
    """Removes an attempt from the count. Called after a correct attempt, so that only attempts of others from the same
    network remain counted.
    """
    row = session.get(RateLimit, subject, with_for_update=True)
    if row is not None:
        row.not_before -= balance.each


def _locked(session: Session, subject: str, at: datetime) -> RateLimit:
    """Returns the locked row of the subject, or a new row. If the clock was put back, sets the waiting time to zero."""
    while (row := session.get(RateLimit, subject, with_for_update=True)) is None:
        insert_once(session, RateLimit(subject=subject, last_at=at, not_before=at))
    if row.last_at > at + _CLOCKS_DIFFER:
        row.last_at = row.not_before = at
    return row
