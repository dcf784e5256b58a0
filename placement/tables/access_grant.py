"""Access grants: time-limited access to a case that the user could otherwise not open."""

from datetime import datetime

from sqlmodel import Field

from placement.tables.columns import sealed
from placement.tables.sealed_row import SealedRow


class AccessGrant(SealedRow, table=True):
    __tablename__ = "opening"

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    reason: str
    text: str | None = sealed("registration_id")
    broke_glass: bool
    """True for break-glass access: a coordinator opened a case of another region at night. False if the desk opened the
    case with a reason.
    """
    opened_at: datetime
    expires_at: datetime
