"""Reads of the register: a month, a past day, the history of a record, and persons who were reported twice."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Invalid, NotFound
from placement.counts import register
from placement.counts.code_lists import FIRST_MONTH
from placement.tables import CountRecord
from placement.tables.columns import expression

_Column = TypeVar("_Column")


@needs(Permission.COUNTS_READ)
def of_month(act: Act, month: date, day: date | None = None) -> Sequence[CountRecord]:
    """Returns the records of a month, sorted by reference. `day`: reads the register as it was at the end of this day;
    `None`: as it is now. Raises `Invalid` for a future day, and for a month outside the register.
    """
    if day is not None and day > act.day:
        raise Invalid.at("day", "count_day_in_future")
    if not FIRST_MONTH <= month <= act.day:
        raise Invalid.at("month", "count_month_outside", first=f"{FIRST_MONTH:%Y-%m}", last=f"{act.day:%Y-%m}")
    query = select(CountRecord).where(CountRecord.month == month, *register.present_on(day))
    found = act.session.exec(query.order_by(col(CountRecord.reference))).all()
    audit_log.write(act, Event.COUNTS_LISTED, found=len(found))
    return found


@needs(Permission.COUNTS_READ)
def numbers_of_year(act: Act, year: int, day: date | None = None) -> dict[date, int]:
    """Returns the number of valid records for each month of a year that has valid records. `day`: as in `of_month`."""
    of_year = col(CountRecord.month) >= date(year, 1, 1), col(CountRecord.month) <= date(year, 12, 31)
    month = col(CountRecord.month)
    query = select(month, func.count()).where(*of_year, *register.valid_on(day)).group_by(month).order_by(month)
    return dict(act.session.exec(query).all())


@needs(Permission.COUNT_READ)
def versions(act: Act, reference: str) -> Sequence[CountRecord]:
    """Returns all versions of a record, newest first. Raises `NotFound`."""
    query = select(CountRecord).where(CountRecord.reference == reference)
    found = act.session.exec(query.order_by(col(CountRecord.version).desc())).all()
    if not found:
        raise NotFound
    audit_log.write(act, Event.COUNT_READ, subject=reference)
    return found


def days_of_doubles(session: Session) -> tuple[date, date] | None:
    """Returns the first and the last day on which a record was added about a person who already had a record. Returns
    `None` if no person has several records.
    """
    latest = _several(select_columns(func.max(CountRecord.from_on).label("latest"))).subquery().c.latest
    first, last = session.execute(select_columns(func.min(latest), func.max(latest))).one()
    return None if first is None else (first, last)


def _several(query: Select[_Column]) -> Select[_Column]:
    """Restricts the query to pseudonyms that several valid records have, with a row for each pseudonym."""
    of_persons = query.where(col(CountRecord.person).is_not(None), *register.valid_on(None))
    return of_persons.group_by(col(CountRecord.person)).having(func.count() > 1)


@needs(Permission.COUNT_READ)
def doubles(act: Act, most: int | None = None) -> tuple[list[list[CountRecord]], int]:
    """Returns the groups of valid records with the same pseudonym, and the number of groups. A group is sorted by day
    and reference. A record is compared from the day on which it left the inbox, until its pseudonym is erased. `most`:
    the largest number of returned groups.
    """
    several = _several(select_columns(expression(CountRecord.person)))
    number = act.session.execute(select_columns(func.count()).select_from(several.subquery())).scalar_one()
    several = several.order_by(col(CountRecord.person)).limit(most)
    query = select(CountRecord).where(*register.valid_on(None), col(CountRecord.person).in_(several))
    order = col(CountRecord.person), col(CountRecord.from_on), col(CountRecord.reference)
    groups: dict[str | None, list[CountRecord]] = {}
    for one in act.session.exec(query.order_by(*order)):
        groups.setdefault(one.person, []).append(one)
    audit_log.write(act, Event.COUNTS_LISTED, doubles=len(groups))
    return list(groups.values()), number
