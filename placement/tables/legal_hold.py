"""Legal holds. A legal hold prevents every erasure in a registration. A person of the desk requests a legal hold or its
end, and another person grants the request.
"""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field

from placement.core.codes import LegalHoldStatus
from placement.tables.columns import coded
from placement.tables.sealed_row import InDoubt, SealedRow

_LIVE = text("status IN ('asked', 'standing', 'lift_asked')")


class LegalHold(SealedRow, table=True):
    """A legal hold. The requests about it name the requester and the second person."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = (
        Index("uq_legalhold_one_live", "registration_id", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE),
    )

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    status: LegalHoldStatus = coded(LegalHoldStatus, index=True)
    reason: str
    review_on: date
    asked_at: datetime
