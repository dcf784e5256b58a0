"""Records about the store as a whole."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.core.codes import StoreFact
from placement.tables.columns import code_key


class StoreRecord(SQLModel, table=True):
    """A fact about the store: since when it is true, or its last time. The audit log contains who recorded it."""

    fact: StoreFact = code_key(StoreFact)
    at: datetime
    detail: str = Field(default="")
    """Details of the fact. For copied keys: their fingerprint, which shows whether a key was added since the copy. For
    a failed job: its name and time slot.
    """
