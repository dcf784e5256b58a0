"""A case that somebody opened outside her own, for a while."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from placement.tables.columns import sealed


class Opening(SQLModel, table=True):
    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    reason: str
    text: Any = sealed("registration_id")
    broke_glass: bool
    """A coordinator, at night, a case of a region that is not hers; else the desk, with a reason."""
    opened_at: datetime
    expires_at: datetime
