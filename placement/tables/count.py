"""The count register: an inbox, and records with all their versions. No column refers to a case."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from placement.core.count_codes import CountStatus
from placement.crypto.sealed_values import SealedRecord
from placement.tables.columns import WITHOUT_ORDER, coded

COUNTS = "counts-"
"""The prefix of the names of the register's data keys: `counts-inbox`, `counts-persons`, and a key for each year."""
_BLOCK = 1024
"""The sealed length is a multiple of this number of bytes, so that almost all records have the same length."""


class _OfCount(BaseModel):
    model_config = ConfigDict(frozen=True)


class CountContent(_OfCount):
    """The coded facts of a record, except its month (`placement/counts/facts.py`)."""

    reporter: str
    region: str
    exploitation: str
    sector: str
    means: Sequence[str] = ()
    recruitment: Sequence[str] = ()
    origin: str
    recruited_in: str
    age: str
    gender: str
    alone: bool = False
    file: str
    ground: str
    unit: str | None = None
    """The reporter's unit. Releases do not contain it."""
    changed_by: str | None = None
    """The account of the registrar who made this version; `None` for the first version."""
    reason: str = ""


class InboxContent(_OfCount):
    month: date
    facts: CountContent
    person: str | None = None


class CountInbox(SQLModel, table=True):
    """A record that was sent today. It has no reference, time or sender. A daily job moves it into the register."""

    __table_args__ = WITHOUT_ORDER
    key_owner: ClassVar[str] = f"{COUNTS}inbox"

    id: str = Field(primary_key=True)
    content: InboxContent = Field(sa_column=Column(SealedRecord(InboxContent, "key_owner", _BLOCK), nullable=False))


class CountSheet(SQLModel, table=True):
    """An imported list, stored so that the same list is not imported twice."""

    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    """The keyed hash of the list's content."""
    imported_on: date
    records: int


class CountRecord(SQLModel, table=True):
    """A version of a count record. A correction or merger adds a version, and changes only `until_on` of the former
    version. The register of a past day consists of the versions with `from_on` up to that day and `until_on` after it.
    """

    # With these indexes, valid records are found without reading their sealed content, which is most of a row.
    __table_args__ = (
        Index(None, "month", "until_on", "status"),
        Index(None, "person", "until_on", "status"),
        WITHOUT_ORDER,
    )

    reference: str = Field(primary_key=True)
    """The reference, made when the record left the inbox; only a registrar sees it."""
    version: int = Field(primary_key=True, default=1)
    status: CountStatus = coded(CountStatus)
    month: date
    """The first day of the month in which the centre got the report."""
    from_on: date = Field(index=True)
    """The day on which this version was made."""
    until_on: date | None = None
    """The day on which the next version was made; `None` for the newest version."""
    person: str | None = None
    """The keyed pseudonym of the person; `None` if the record cannot be compared with others."""
    into: str | None = Field(default=None, index=True)
    """The reference of the other record, if this record was merged. That reference is then valid for both records."""
    content: CountContent = Field(sa_column=Column(SealedRecord(CountContent, "key_owner", _BLOCK), nullable=False))

    @property
    def key_owner(self) -> str:
        """The name of the data key of the year in which this version was made."""
        return f"{COUNTS}{self.from_on.year}"
