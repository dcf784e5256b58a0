"""What is recorded of the store as a whole."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.core.codes import StoreFact
from placement.tables.columns import code_key


class StoreRecord(SQLModel, table=True):
    """One fact about the store: since when it is so, or the last time. Who recorded it is in the audit log."""

    fact: StoreFact = code_key(StoreFact)
    at: datetime
    detail: str = Field(default="")
    """Of copied keys: their fingerprint, so that a new key is known not to be copied yet. Of a failure: the job, and
    what was due.
    """
