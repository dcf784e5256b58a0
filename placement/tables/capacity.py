"""Capacity reports of shelters. Rows are only inserted: the database refuses updates and deletions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar, cast

from sqlalchemy import CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel, UniqueConstraint
from typing_extensions import TypedDict

from placement.core.clock import day_of
from placement.core.codes import OutOfService
from placement.crypto.pseudonyms import PseudonymMoment
from placement.tables.columns import coded, listed, sealed, sealed_record
from placement.tables.sealed_row import InDoubt, SealedRow


class CapacityReport(SealedRow, table=True):
    """A report on all rooms of a shelter at one moment. `confirmed`: true if the shelter made the report,
    false if the service did, because a refused hold showed that a count was wrong. A room that the shelter left out
    keeps the values of its last count.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    NAMED: ClassVar[tuple[str, ...]] = ("shelter_id",)
    NEWEST: ClassVar[bool] = True
    __table_args__ = (Index("ix_capacityreport_newest", "shelter_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    shelter_id: str = Field(foreign_key="shelter.id")
    at: datetime = Field(sa_column=Column(PseudonymMoment("capacityreport.at"), nullable=False))
    """The time of the report. It is encrypted: staff often report when they answer for a client, and the row of the
    case then has the same time.
    """
    month: date = Field(index=True)
    """The first day of the month of `at`."""
    reported_by: str
    confirmed: bool = True

    def __init__(self, **values: object) -> None:
        super().__init__(**{"month": month_of(cast("datetime", values["at"])), **values})  # type: ignore[arg-type]  # any column


def month_of(at: datetime) -> date:
    return day_of(at).replace(day=1)


class RoomReport(SealedRow, table=True):
    """The part of a report about one room. Numbers of free beds are sealed: their changes disclose arrivals."""

    key_owner: ClassVar[str] = "room-counts"
    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    NAMED: ClassVar[tuple[str, ...]] = ("room_id",)
    NEWEST: ClassVar[bool] = True
    __table_args__ = (
        UniqueConstraint("report_id", "room_id"),
        Index("ix_roomreport_newest", "room_id", "id"),
        CheckConstraint("out_of_service >= 0", name="out_of_service"),
        CheckConstraint("withheld >= 0", name="withheld"),
    )

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="capacityreport.id", index=True)
    room_id: str = Field(foreign_key="room.id")
    out_of_service: int = 0
    out_reason: OutOfService | None = coded(OutOfService, nullable=True)
    out_until: date | None = None
    other_use: list[dict[str, object]] = listed()
    """Beds used by people placed outside this service: `{count, gender, minor, until}`; never a person's identity."""
    free_from: date | None = None
    counted_free: int | None = sealed("key_owner", kept=True)
    """The number of free beds that the shelter counted, if it gave a number."""
    derived_free: int | None = sealed("key_owner", kept=True)
    """The number of free beds that the service derived at that moment. If it differs from `counted_free`, the
    difference is shown to shelter and desk.
    """
    withheld: int = 0
    """The number of beds that the service does not give out until the shelter reports a new count."""
    counted_in: int | None = None
    """The id of the earlier report with the shelter's last count of this room, if a later report left the room out.
    `None`: the last count is in the newest confirmed report that is not later than this report.
    """


class Look(TypedDict):
    """The bands (ranges) of free beds by group of units, and the time from which these bands are shown."""

    shown_from: str
    bands: Mapping[str, str]


class CountryLook(SQLModel, table=True):
    """The bands of free beds for readers who may not see the names of units: the present bands, and the bands to be
    shown later. The table has a single row.
    """

    key_owner: ClassVar[str] = "room-counts"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    looks: list[Look] | None = sealed_record("key_owner")
    """The bands with their times, oldest first."""
