"""What leaving the service leaves behind: requests for an export with people, and for the destruction of the keys."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.tables.columns import browser_of, coded
from placement.tables.sealed_row import TwoPersons


class LeaveRequest(TwoPersons, table=True):
    """A request of one person of the desk, which another grants; the operator carries it out once, at the command line.

    It gives no access by itself.
    """

    __table_args__ = (CheckConstraint("(kind = 'export_people') = (recipient IS NOT NULL)", name="recipient"),)

    id: str = Field(primary_key=True)
    kind: LeaveKind = coded(LeaveKind)
    reason: LeaveReason = coded(LeaveReason)
    text: str
    """Why, in words, for the second person; no case is in it."""
    recipient: str | None = None
    """The public key (age) that an export is encrypted for."""
    asked_by: str
    browser: str | None = browser_of("leaverequest")
    """With which it was asked."""
    begun_at: datetime | None = None
    done_at: datetime | None = None
