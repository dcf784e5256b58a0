"""Enquiries of the help desk, and the versions of its entries."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from placement.core.enquiry_codes import (
    Advice,
    Asker,
    Became,
    EnquiryStatus,
    EntryMark,
    EntryStatus,
    Subject,
)
from placement.core.rule_codes import RuleKind
from placement.crypto.sealed_values import EncryptedRecord
from placement.tables.columns import WITHOUT_ORDER, coded, sealed

OF_NOTES = "enquiry-notes-"
"""The prefix of the key names for the notes of a day. The date follows the prefix."""


UNFINISHED = text("status <> 'done'")
"""The condition of the index of unfinished enquiries. With this index they are found without reading the enquiries of
ten years.
"""


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True)


class EnquiryContent(_Content):
    """The codes of an enquiry. They name no client. `by`: the account that took the call."""

    at: datetime
    by: str
    asker: Asker | None = None
    region: str | None = None
    subjects: list[Subject] = []
    advised: list[Advice] = []
    urgent: bool = False
    again: bool = False
    """True if the caller called about the same matter before."""
    minutes: int | None = None
    became: list[Became] = []
    due_at: datetime | None = None
    """The latest time at which the desk must ring the caller back."""
    called_back_at: datetime | None = None


class Enquiry(SQLModel, table=True):
    """A call to the help desk. Only its day and its state are in clear, so that no query joins it with a case."""

    __table_args__ = (
        Index("ix_enquiry_unfinished", "status", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        WITHOUT_ORDER,
    )

    id: str = Field(primary_key=True)
    on: date = Field(index=True)
    status: EnquiryStatus = coded(EnquiryStatus)
    version: int = 1
    content: EnquiryContent = Field(sa_column=Column(EncryptedRecord(EnquiryContent), nullable=False))
    note: dict[str, str] | None = sealed("key_owner")
    """The typed note, and the number on which the caller is rung. Both are erased after 30 days."""

    @property
    def key_owner(self) -> str:
        """The name of the key for the notes of this day. The key is destroyed after 30 days."""
        return f"{OF_NOTES}{self.on.isoformat()}"


class Review(_Content):
    """A review by a person other than the writer. `due_on`: the day of the next review."""

    by: str
    at: datetime
    due_on: date


class EntryContent(_Content):
    """The content of a version. `titles`, `texts`: by language. `rule`: the kind of dated rules that the entry shows.
    `first`: if the entry began as a text of the service, the name of that text.
    """

    titles: dict[str, str]
    texts: dict[str, str]
    source: str
    mark: EntryMark
    subjects: list[Subject] = []
    valid_from: date | None = None
    valid_until: date | None = None
    rule: RuleKind | None = None
    first: str | None = None
    written_by: str
    written_at: datetime
    reviews: list[Review] = []


class KnowledgeEntry(SQLModel, table=True):
    """A version of an entry of the help desk. After its first review it is never changed: a new version is made.

    State and days are in clear. `shown_until`: the first day on which the version was no longer shown.
    """

    __table_args__ = (Index("ix_knowledgeentry_shown", "shown_from", "shown_until"), WITHOUT_ORDER)

    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    status: EntryStatus = coded(EntryStatus, index=True)
    shown_from: date | None = None
    shown_until: date | None = None
    due_on: date | None = None
    """The day of the next review."""
    content: EntryContent = Field(sa_column=Column(EncryptedRecord(EntryContent), nullable=False))
