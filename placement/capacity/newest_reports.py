"""The newest report of each shelter and of each room. Reports are stored for ever, so each of these queries uses an
index. A query that groups reports would read all reports of the country.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, ScalarSelect
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.core.place_codes import PlaceStatus
from placement.tables import CapacityReport, Room, RoomReport, Shelter
from placement.tables.capacity import month_of
from placement.tables.columns import Condition

Found = TypeVar("Found")

CONFIRMED = col(CapacityReport.confirmed)
"""The SQL condition that the shelter itself made the report. A correction by the service is not a count."""


def last_confirmed(session: Session, as_of: datetime | None = None) -> dict[str, datetime]:
    """Returns, for each shelter, the time of its oldest room count. The age of the shelter's count is measured from
    this time. `as_of`: ignores later reports.
    """
    at = counted_at(oldest_count(*until(session, as_of)))
    return {shelter: last for shelter, last in session.exec(select(Shelter.id, at)) if last is not None}


def has_rooms_to_count() -> ColumnElement[bool]:
    """Returns the SQL condition that a shelter is in use. A shelter that has not opened or is closed sends no count."""
    return col(Shelter.status).in_([PlaceStatus.OPEN, PlaceStatus.CLOSING])


def newest_of_shelter(column: Mapped[Found], *where: Condition) -> ScalarSelect[Found]:
    """Returns a subquery for a query of shelters: this column of the shelter's newest report that fulfils `where`."""
    newest = select(column).where(CapacityReport.shelter_id == Shelter.id, *where)
    return newest.order_by(col(CapacityReport.id).desc()).limit(1).correlate(Shelter).scalar_subquery()


def newest_confirmed(session: Session, shelter_id: str) -> int | None:
    """Returns the id of the newest report that the shelter itself made; `None` if there is no such report."""
    return session.exec(
        select(newest_of_shelter(col(CapacityReport.id), CONFIRMED)).where(Shelter.id == shelter_id)
    ).one()


def oldest_count(*where: Condition) -> ColumnElement[int | None]:
    """Returns a subquery for a query of shelters: the id of the report with the shelter's oldest room count. Usually
    this is its newest report, because a report has all rooms. `where`: conditions on the reports.
    """
    newest = newest_of_shelter(col(CapacityReport.id), *where)
    left_out = select(func.min(col(RoomReport.counted_in))).where(RoomReport.report_id == newest)
    confirmed = newest_of_shelter(col(CapacityReport.id), CONFIRMED, *where)
    return func.coalesce(left_out.correlate(Shelter).scalar_subquery(), confirmed)


def counted_at(report_id: ColumnElement[int | None]) -> ScalarSelect[datetime]:
    """Returns a subquery for a query of shelters: the time of this report."""
    return select(CapacityReport.at).where(CapacityReport.id == report_id).correlate(Shelter).scalar_subquery()


def newest_of_rooms(*rooms: Condition, before: int | None = None) -> SelectOfScalar[int | None]:
    """Returns the query of the ids of these rooms' newest report rows. `before`: only reports with a smaller id."""
    newest = select(RoomReport.id).where(RoomReport.room_id == Room.id).order_by(col(RoomReport.id).desc()).limit(1)
    if before is not None:
        newest = newest.where(RoomReport.report_id < before)
    return select(newest.correlate(Room).scalar_subquery()).select_from(Room).where(*rooms)


def until(session: Session, as_of: datetime | None) -> tuple[Condition, ...]:
    """Returns the SQL conditions for reports up to this time. The database can compare only the month of a report,
    because the exact time is encrypted. So the later reports of the last month are excluded by their ids.
    """
    if as_of is None:
        return ()
    later = [report for report, at in reports_of_month(session, as_of) if at > as_of]
    return col(CapacityReport.month) <= month_of(as_of), col(CapacityReport.id).not_in(later)


def first_since(session: Session, moment: datetime) -> int | None:
    """Returns the id of the first report since this time; `None` if there is no such report."""
    of_month = (report for report, at in reports_of_month(session, moment) if at >= moment)
    later = select(func.min(CapacityReport.id)).where(col(CapacityReport.month) > month_of(moment))
    return next(of_month, None) or session.exec(later).one()


def reports_of_month(session: Session, moment: datetime) -> Sequence[tuple[int, datetime]]:
    query = select(CapacityReport.id, CapacityReport.at).where(CapacityReport.month == month_of(moment))
    return [(report or 0, at) for report, at in session.exec(query.order_by(col(CapacityReport.id)))]
