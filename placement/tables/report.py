"""The capacity report of each day. Rows are only ever added: the database refuses to change or delete one."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from placement.tables.columns import sealed, sealed_list


class DailyReport(SQLModel, table=True):
    """One version of one day's report; a correction is a new version.

    `rows` and `report` are the exact bytes: the second is made of the first, and can be made again at any time. Day by
    day they tell how many live in each unit, and so where who came on a day: they are sealed.
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
