"""The capacity report of each day. Rows are only added: the database refuses to change or delete them."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from placement.tables.columns import sealed, sealed_list


class DailyReport(SQLModel, table=True):
    """A version of a day's report; a correction is a new version.

    `rows` and `report` are exact bytes; `report` is made of `rows`, and can be made again at any time. They are sealed:
    the residents of each unit, day by day, would disclose the location of arrivals.
    """

    __table_args__ = (CheckConstraint("version >= 1", name="version"),)
    key_owner: ClassVar[str] = "daily-reports"

    on: date = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    as_of: datetime
    made_at: datetime
    made_by: str
    late: bool
    changed: list[dict[str, object]] = sealed_list("key_owner")
    """Differences from the version before: `{figure, was, now}`."""
    rows: str = sealed("key_owner", nullable=False)
    report: str = sealed("key_owner", nullable=False)
