"""Records about the database as a whole."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.core.codes import StoreFact
from placement.tables.columns import code_key


class StoreRecord(SQLModel, table=True):
    """A fact about the database, with the time since which it is true, or the last time at which it happened. The audit
    log names the recorder.
    """

    fact: StoreFact = code_key(StoreFact)
    at: datetime
    detail: str = Field(default="")
    """Details of the fact. If keys were copied: the fingerprint of the keys, which shows whether a key was added since
    the copy. If a job failed: its name and time slot.
    """
