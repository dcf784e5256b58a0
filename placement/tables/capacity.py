"""What shelters report. Rows are only ever added: the database refuses to change or delete one."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, UniqueConstraint

from placement.core.codes import OutOfService
from placement.tables.columns import coded, listed


class CapacityReport(SQLModel, table=True):
    """One shelter, all its rooms, one moment. `confirmed`: the shelter said it; else a refusal corrected the count."""

    id: int | None = Field(default=None, primary_key=True)
    shelter_id: str = Field(foreign_key="shelter.id", index=True)
    at: datetime
    reported_by: str
    confirmed: bool = True


class RoomReport(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("report_id", "room_id"),
        CheckConstraint("out_of_service >= 0", name="out_of_service"),
        CheckConstraint("withheld >= 0", name="withheld"),
    )

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="capacityreport.id", index=True)
    room_id: str = Field(foreign_key="room.id", index=True)
    out_of_service: int = 0
    out_reason: OutOfService | None = coded(OutOfService, nullable=True)
    out_until: date | None = None
    other_use: list[dict[str, object]] = listed()
    """Beds used by people placed outside this service: `{count, gender, minor, until}`; never who."""
    free_from: date | None = None
    counted_free: int | None = None
    """What the shelter itself counts, where it says so ..."""
    derived_free: int | None = None
    """... and what we derived at that moment: a difference is shown to both."""
    withheld: int = 0
    """Beds that the service does not give out until the shelter has confirmed its count."""
