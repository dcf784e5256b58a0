"""The store of the ledger. The daily report writes a record for each day. After 400 days, the records of a month are
replaced by a single record of that month.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, timedelta
from typing import TypeVar

from sqlmodel import Session, col, func, select

from placement.core.need_codes import LedgerSpan
from placement.core.periods import Period, PeriodKind, period_of
from placement.tables import NeedRecord
from placement.tables.need import GroupCounts, MorePlaces, Needs, PlacesOfKind, WaitingGroup

KEPT_FOR = timedelta(days=400)
"""The time for which records of days are kept."""

Row = TypeVar("Row", WaitingGroup, PlacesOfKind, GroupCounts, MorePlaces)
_LARGEST = frozenset({"most"})
"""The fields for which a month has the largest value instead of the sum."""


def write(session: Session, on: date, found: Needs) -> None:
    """Stores the counts of a day, and merges the records of old days into records of months. Replaces an existing
    record of the day, which may have been written while the clock was ahead.
    """
    stored = session.get(NeedRecord, (on, LedgerSpan.DAY))
    if stored is None:
        session.add(NeedRecord(on=on, span=LedgerSpan.DAY, content=found))
    else:
        stored.content = found
    session.flush()
    _fold(session, on - KEPT_FOR)


def first_day(session: Session) -> date | None:
    """Returns the first day of the ledger; `None` if the ledger is empty."""
    return session.exec(select(func.min(NeedRecord.on))).one()


def records(session: Session, period: Period) -> Sequence[NeedRecord]:
    """Returns the days and months of this period, earliest first."""
    within = col(NeedRecord.on) >= period.begins_on, col(NeedRecord.on) <= period.ends_on
    return session.exec(select(NeedRecord).where(*within).order_by(col(NeedRecord.on))).all()


def _fold(session: Session, until: date) -> None:
    """Replaces the records of each month that ended before `until` by a single record."""
    first = select(func.min(NeedRecord.on)).where(NeedRecord.span == LedgerSpan.DAY)
    while (oldest := session.exec(first).one()) is not None:
        month = period_of(PeriodKind.MONTH, oldest)
        if month.ends_on >= until:
            return
        days = records(session, month)
        content = summed([one.content for one in days])
        for one in days:
            session.delete(one)
        session.flush()
        session.add(NeedRecord(on=month.begins_on, span=LedgerSpan.MONTH, content=content))
        session.flush()


def summed(every: Sequence[Needs]) -> Needs:
    """Returns the sums of these records. The lengths of stay are those of the last record."""
    return Needs(
        days=sum(one.days for one in every),
        late=sum(one.late for one in every),
        solved=sum(one.solved for one in every),
        waiting=_by(
            (row for one in every for row in one.waiting),
            lambda row: (row.scheme, row.region, row.shape, row.cause, row.waited),
        ),
        places=_by((row for one in every for row in one.places), lambda row: row.kind),
        groups=_by((row for one in every for row in one.groups), lambda row: (row.dimension, row.code)),
        more=_by((row for one in every for row in one.more), lambda row: row.place),
        lengths=every[-1].lengths if every else [],
    )


def _by(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[Row]:
    found: dict[Hashable, Row] = {}
    for row in rows:
        name = key(row)
        found[name] = _plus(found[name], row) if name in found else row
    return list(found.values())


def _plus(one: Row, other: Row) -> Row:
    """Adds the numbers of two rows, or takes the larger for fields in `_LARGEST`. Other fields are the later row's."""
    changed: dict[str, object] = {}
    for name in type(one).model_fields:
        this, that = getattr(one, name), getattr(other, name)
        if isinstance(this, dict):
            changed[name] = _add(dict(this), that)
        elif isinstance(this, int):
            changed[name] = max(this, that) if name in _LARGEST else this + that
    return other.model_copy(update=changed)


def _add(sums: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    for code, count in more.items():
        sums[code] = sums.get(code, 0) + count
    return sums
