"""The daily capacity reports. Rows are only inserted: the database refuses updates and deletions."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from placement.tables.columns import sealed, sealed_list


class DailyReport(SQLModel, table=True):
    """A version of a day's report. Each correction makes a new version. `rows` and `report` are exact bytes. `report`
    is computed from `rows`, and can be computed again at any time. Both are sealed, because daily numbers of residents
    per unit would disclose where clients arrived.
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
    """The differences from the previous version: `{figure, was, now}`."""
    rows: str = sealed("key_owner", nullable=False)
    report: str = sealed("key_owner", nullable=False)
