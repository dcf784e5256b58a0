"""Records about the database as a whole."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.core.codes import StoreFact
from placement.tables.columns import code_key


class StoreRecord(SQLModel, table=True):
    """A fact about the database, with the time since which it is true, or the last time at which it happened. The audit
    log states who recorded the fact.
    """

    fact: StoreFact = code_key(StoreFact)
    at: datetime
    detail: str = Field(default="")
    """Details of the fact. After a copy of the keys: the fingerprint of the keys, by which a key that was added later
    is noticed. After a failure of a job: the job's name and time slot.
    """
