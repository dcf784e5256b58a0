"""The retention job: carries out the schedule in batches, and reports on it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Date
from sqlmodel import Session, func, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of, start_of
from placement.core.context import Act
from placement.retention.kinds import Kind
from placement.retention.legal_hold import kept_registrations
from placement.retention.schedule import SCHEDULE
from placement.storage.database import Database
from placement.storage.locks import lock_unread_registrations
from placement.storage.sealed_session import doubted
from placement.tables import Registration
from placement.tables.columns import expression

BATCH = 100
"""The number of rows in a transaction. Because it is small, users do not have to wait for the job."""


@dataclass(frozen=True, slots=True)
class KindStatus:
    kind: Kind
    count: int
    oldest: datetime | None
    due: int
    barred: int
    """The number of rows that are due, but kept because of a legal hold or a registration in doubt."""
    next_due: datetime | None


def erase_due(act: Act, kind: Kind) -> int:
    """Erases a batch of the rows that are due. Returns their number. Safe to run twice or in two processes."""
    if kind.erase is None or kind.term is None:
        return 0
    due = _due(act.session, kind, kind.term, act.at)
    if kind.registration is not None:
        registration = expression(kind.registration)
        cases = due.with_only_columns(registration).limit(BATCH)
        locked = lock_unread_registrations(act.session, [str(case) for case in act.session.scalars(cases)])
        due = due.where(registration.in_(locked))  # a legal hold may have been made before the lock
    keys = act.session.scalars(due.limit(BATCH)).all()
    if not keys:
        return 0
    audit_log.write(act, Event.ERASED, kind=kind.name, count=len(keys), fate=kind.fate.value)
    kind.erase(act, cast("Sequence[str]", keys))
    return len(keys)


def erase_everything_due(database: Database, act_of: Callable[[Session], Act]) -> Iterator[tuple[Kind, int]]:
    """Erases all rows that are due, in batches with a transaction each. Yields the kind and the number of rows of each
    batch. `act_of`: returns the act for a transaction.
    """
    for kind in SCHEDULE:
        while True:
            with database.transaction() as session:
                erased = erase_due(act_of(session), kind)
            if not erased:
                break
            yield kind, erased


def statuses(database: Database, at: datetime) -> list[KindStatus]:
    with database.transaction() as session:
        return [status_of(session, kind, at) for kind in SCHEDULE]


def status_of(session: Session, kind: Kind, at: datetime) -> KindStatus:
    count = _count(session, select(expression(kind.key)).where(*kind.where))
    oldest = None if kind.moment is None else session.scalars(_first(kind).where(*kind.where)).one()
    due = barred = 0
    next_due = None
    if kind.erase is not None and kind.term is not None:
        due = _count(session, _due(session, kind, kind.term, at))
        barred = _count(session, _late(kind, kind.term, at)) - due
        free = session.scalars(_first(kind).where(*kind.where, *_not_kept(session, kind, at))).one()
        next_due = None if free is None else _moment(free) + kind.term
    return KindStatus(kind, count, None if oldest is None else _moment(oldest), due, barred, next_due)


def _first(kind: Kind) -> SelectOfScalar[datetime | date | None]:
    return select(func.min(expression(kind.moment)))


def _due(session: Session, kind: Kind, term: timedelta, at: datetime) -> SelectOfScalar[object]:
    return _late(kind, term, at).where(*_not_kept(session, kind, at))


def _late(kind: Kind, term: timedelta, at: datetime) -> SelectOfScalar[object]:
    """Returns a query for the rows whose term has passed, oldest first."""
    limit = at - term
    key, moment = expression(kind.key), expression(kind.moment)
    passed = moment <= (day_of(limit) if isinstance(moment.type, Date) else limit)
    return select(key).where(*kind.where, passed).order_by(moment, key)


def _not_kept(session: Session, kind: Kind, at: datetime) -> tuple[ColumnElement[bool], ...]:
    if kind.registration is None:
        return ()
    case = expression(kind.registration)
    return case.not_in(kept_registrations(session, at)), case.not_in(doubted(session, Registration))


def _count(session: Session, query: SelectOfScalar[object]) -> int:
    return session.scalars(select(func.count()).select_from(query.order_by(None).subquery())).one()


def _moment(found: datetime | date) -> datetime:
    return found if isinstance(found, datetime) else start_of(found)


def is_late(row: KindStatus, at: datetime) -> bool:
    """Checks whether rows have been due for more than a day, which means that the retention job does not run."""
    return row.next_due is not None and row.next_due < at - timedelta(days=1)
