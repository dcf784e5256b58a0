"""Legal holds, under which nothing of a registration is erased: one person of the desk requests, another grants;
lifting alike.
"""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from placement.core.codes import LegalHoldStatus
from placement.tables.columns import coded
from placement.tables.sealed_row import SealedRow

_LIVE = text("status IN ('asked', 'standing', 'lift_asked')")


class LegalHold(SealedRow, table=True):
    """A legal hold. Who asked for it and who answered stands in the requests about it."""

    __table_args__ = (
        Index("uq_legalhold_one_live", "registration_id", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE),
    )

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    status: LegalHoldStatus = coded(LegalHoldStatus, index=True)
    reason: str
    review_on: date
    asked_at: datetime
