"""Records about the store as a whole."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.core.codes import StoreFact
from placement.tables.columns import code_key


class StoreRecord(SQLModel, table=True):
    """A fact about the store: since when it is true, or its last time. The audit log names the recorder."""

    fact: StoreFact = code_key(StoreFact)
    at: datetime
    detail: str = Field(default="")
    """For copied keys: their fingerprint, so that a new key is recognised as not copied.
    For a failure: the job and its slot.
    """
