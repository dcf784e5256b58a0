"""The capacity report of each day. Rows are only ever added: the database refuses to change or delete one."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, SQLModel

from placement.tables.columns import listed


class DailyReport(SQLModel, table=True):
    """One version of one day's report; a correction is a new version.

    `rows` and `report` are the exact bytes: the second is made of the first, and can be made again at any time.
    """

    __table_args__ = (CheckConstraint("version >= 1", name="version"),)

    on: date = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    as_of: datetime
    made_at: datetime
    made_by: str
    late: bool
    changed: list[dict[str, object]] = listed()
    """Differences from the version before: `{figure, was, now}`."""
    rows: str = Field(sa_type=Text)
    report: str = Field(sa_type=Text)
