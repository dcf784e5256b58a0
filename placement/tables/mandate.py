"""Standing mandates of the placement desk for decisions outside the hours of duty."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from placement.tables.columns import listed
from placement.tables.sealed_row import SealedRow


class Mandate(SealedRow, table=True):
    """The desk's advance agreement to first proposals that coordinators accept in these schemes, from the first day to
    the last day, both included. If nobody of the desk can be asked, such a decision is carried out, and the desk
    confirms it afterwards.
    """

    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="in_order"),)

    id: str = Field(primary_key=True)
    schemes: list[str] = listed()
    starts_on: date
    ends_on: date = Field(index=True)
    given_by: str = Field(foreign_key="account.id", index=True)
    given_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
