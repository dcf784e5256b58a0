"""Legal holds, under which nothing of a registration is erased: one person of the desk requests, another grants;
lifting alike.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from placement.core.codes import LegalHoldStatus
from placement.tables.columns import browser_of, coded
from placement.tables.sealed_row import SealedRow

_LIVE = text("status IN ('asked', 'standing', 'lift_asked')")


class LegalHold(SealedRow, table=True):
    __table_args__ = (
        CheckConstraint("answered_by IS NULL OR answered_by <> asked_by", name="two_persons"),
        CheckConstraint("lifted_by IS NULL OR lifted_by <> lift_asked_by", name="two_lift"),
        Index("uq_legalhold_one_live", "registration_id", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE),
    )

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    status: LegalHoldStatus = coded(LegalHoldStatus, index=True)
    reason: str
    review_on: date
    asked_at: datetime
    asked_by: str
    browser: str | None = browser_of("legalhold")
    """With which it was asked, and afterwards its lifting."""
    answered_at: datetime | None = None
    answered_by: str | None = None
    lift_asked_at: datetime | None = None
    lift_asked_by: str | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
