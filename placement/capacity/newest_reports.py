"""The newest report of each shelter, and of each room: looked up in an index for each, however many there are.

Reports are stored for ever, so a query that groups them would read the country's whole past.
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
"""The condition of reports made by the shelter itself; a correction by the service is not the shelter's count."""


def last_confirmed(session: Session, as_of: datetime | None = None) -> dict[str, datetime]:
    """Returns the age of each shelter's count, by id: the time at which it counted the least recently counted room."""
    at = counted_at(oldest_count(as_of))
    return {shelter: last for shelter, last in session.exec(select(Shelter.id, at)) if last is not None}


def has_rooms_to_count() -> ColumnElement[bool]:
    """Returns the condition of shelters in use: before the opening, and after the closing, no count is sent."""
    return col(Shelter.status).in_([PlaceStatus.OPEN, PlaceStatus.CLOSING])


def newest_of_shelter(column: Mapped[Found], *where: Condition) -> ScalarSelect[Found]:
    """Returns this column of a shelter's newest report among these: a subquery for a query of shelters."""
    newest = select(column).where(CapacityReport.shelter_id == Shelter.id, *where)
    return newest.order_by(col(CapacityReport.id).desc()).limit(1).correlate(Shelter).scalar_subquery()


def oldest_count(as_of: datetime | None = None) -> ColumnElement[int | None]:
    """Returns the report in which a shelter counted its least recently counted room: a subquery for a query of
    shelters. Usually its newest report, because a report has all rooms.
    """
    newest = newest_of_shelter(col(CapacityReport.id), *until(as_of))
    left_out = select(func.min(col(RoomReport.counted_in))).where(RoomReport.report_id == newest)
    confirmed = newest_of_shelter(col(CapacityReport.id), CONFIRMED, *until(as_of))
    return func.coalesce(left_out.correlate(Shelter).scalar_subquery(), confirmed)


def counted_at(report_id: ColumnElement[int | None]) -> ScalarSelect[datetime]:
    """Returns the moment of this report of a shelter: a subquery for a query of shelters."""
    return select(CapacityReport.at).where(CapacityReport.id == report_id).correlate(Shelter).scalar_subquery()


def newest_of_rooms(*rooms: Condition, before: int | None = None) -> SelectOfScalar[int | None]:
    """Returns the ids of the newest report of each of these rooms. `before`: only reports before this number."""
    newest = select(RoomReport.id).where(RoomReport.room_id == Room.id).order_by(col(RoomReport.id).desc()).limit(1)
    if before is not None:
        newest = newest.where(RoomReport.report_id < before)
    return select(newest.correlate(Room).scalar_subquery()).select_from(Room).where(*rooms)


def until(as_of: datetime | None) -> tuple[Condition, ...]:
    return () if as_of is None else (col(CapacityReport.at) <= as_of,)
