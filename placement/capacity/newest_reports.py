"""The newest report of each shelter, and of each room: looked up in an index for each, however many there were before.

Reports are kept for good. A query that groups all of them reads the whole past of the country.
"""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, ScalarSelect
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.core.place_codes import PlaceStatus
from placement.tables import CapacityReport, Room, RoomReport, Shelter
from placement.tables.columns import Condition

Found = TypeVar("Found")

CONFIRMED = col(CapacityReport.confirmed)
"""Of reports: made by the shelter itself; a correction by the service does not count as its count."""


def last_confirmed(session: Session, as_of: datetime | None = None) -> dict[str, datetime]:
    """The age of each shelter's count, by shelter id: when it counted the room that it counted longest ago."""
    at = counted_at(oldest_count(as_of))
    return {shelter: last for shelter, last in session.exec(select(Shelter.id, at)) if last is not None}


def has_rooms_to_count() -> ColumnElement[bool]:
    """Where a shelter is in use: before it opens, and once it has closed, there is no count to send."""
    return col(Shelter.status).in_([PlaceStatus.OPEN, PlaceStatus.CLOSING])


def newest_of_shelter(column: Mapped[Found], *where: Condition) -> ScalarSelect[Found]:
    """This column of the newest of these reports of a shelter: a subquery for a query of shelters."""
    newest = select(column).where(CapacityReport.shelter_id == Shelter.id, *where)
    return newest.order_by(col(CapacityReport.id).desc()).limit(1).correlate(Shelter).scalar_subquery()


def oldest_count(as_of: datetime | None = None) -> ColumnElement[int | None]:
    """The number of the report with which a shelter counted the room that it counted longest ago: a subquery for a
    query of shelters. Mostly its newest one, as a report has all rooms.
    """
    newest = newest_of_shelter(col(CapacityReport.id), *until(as_of))
    left_out = select(func.min(col(RoomReport.counted_in))).where(RoomReport.report_id == newest)
    confirmed = newest_of_shelter(col(CapacityReport.id), CONFIRMED, *until(as_of))
    return func.coalesce(left_out.correlate(Shelter).scalar_subquery(), confirmed)


def counted_at(report_id: ColumnElement[int | None]) -> ScalarSelect[datetime]:
    """The moment of this report of a shelter: a subquery for a query of shelters."""
    return select(CapacityReport.at).where(CapacityReport.id == report_id).correlate(Shelter).scalar_subquery()


def newest_of_rooms(*rooms: Condition, before: int | None = None) -> SelectOfScalar[int | None]:
    """The ids of the newest report of each of these rooms. `before`: of those in reports before this one."""
    newest = select(RoomReport.id).where(RoomReport.room_id == Room.id).order_by(col(RoomReport.id).desc()).limit(1)
    if before is not None:
        newest = newest.where(RoomReport.report_id < before)
    return select(newest.correlate(Room).scalar_subquery()).select_from(Room).where(*rooms)


def until(as_of: datetime | None) -> tuple[Condition, ...]:
    return () if as_of is None else (col(CapacityReport.at) <= as_of,)
