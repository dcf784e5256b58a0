"""Outgoing messages with their recipients and status; reminders; and daily runs."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import BaseModel
from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from placement.core.codes import Channel, MessageKind, MessageStatus
from placement.core.notice_codes import MailForm, NoticeMark, ReminderKind, Rhythm
from placement.crypto.sealed_values import SealedMoment, SealedRecord
from placement.tables.columns import coded, encrypted, listed, pseudonym, sealed, sealed_as
from placement.tables.sealed_row import SealedRow


class Webhook(SealedRow, table=True):
    """A webhook, to which events are sent. Of a shelter, or of the coordination centre where it names none.

    Whose it is stands as a pseudonym: its rows change when an event of a hold is delivered.
    """

    OUTSIDE: ClassVar[Mapping[str, str]] = {"failing_since": "changes with each delivery; it opens nothing"}

    id: str = Field(primary_key=True)
    shelter_id: str | None = pseudonym("webhook.shelter_id")
    url: str = encrypted(nullable=False)
    kinds: list[str] = listed()
    secret: str = encrypted(nullable=False)
    former_secret: str | None = encrypted()
    """The former secrets, the oldest first, with spaces between: they sign too until `former_until`."""

    former_until: datetime | None = None
    made_at: datetime
    made_by: str = pseudonym("webhook.made_by", nullable=False)
    failing_since: datetime | None = None
    disabled_at: datetime | None = None


class Copy(BaseModel):
    """What one recipient gets of a message, an account by email or a webhook by a call, and how far it is."""

    account_id: str | None = None
    webhook_id: str | None = None
    status: MessageStatus = MessageStatus.WAITING
    next_at: datetime
    try_until: datetime
    attempts: int = 0
    claim: str | None = None
    """A random name of the process that is delivering it, until `claimed_until`: then another may."""

    claimed_until: datetime | None = None
    settled_at: datetime | None = None
    trouble: str | None = None
    """Why it was not delivered, as a code."""

    @property
    def channel(self) -> Channel:
        return Channel.WEBHOOK if self.account_id is None else Channel.MAIL

    @property
    def waits(self) -> bool:
        return self.status is MessageStatus.WAITING

    def is_due(self, at: datetime) -> bool:
        return self.waits and self.next_at <= at and (self.claimed_until is None or self.claimed_until <= at)


class MessageContent(BaseModel):
    """What a message says, and to whom: sealed as one value, whose length tells nothing."""

    kind: MessageKind
    made_at: datetime
    facts: dict[str, Any]
    """Ids, days and figures."""

    copies: tuple[Copy, ...]


MESSAGES = "messages"
"""The name of the key of messages and reminders."""


class Message(SQLModel, table=True):
    """The outbox: a row in the transaction of the act that causes it, however many are told.

    No address is in it, and no person: the address is looked up at delivery, a person is never in a message. In clear
    is what a deliverer looks for. Else a dump would say whose shelter was told when a bed was held, or how many members
    it has; nothing here has a moment, which could be that of a shelter's own report.
    """

    key_owner: ClassVar[str] = MESSAGES
    __table_args__ = (
        Index("ix_message_settled_on", "settled_on", "made_on"),
        Index("ix_message_failed", "failed", "made_on"),
        {"sqlite_with_rowid": False},
    )

    id: str = Field(primary_key=True)
    once: str = pseudonym("message.once", nullable=False, unique=True)
    """The unique key of its subject: a second row for the same thing is refused."""

    made_on: date = Field(index=True)
    mail_waits: bool = Field(index=True)
    calls_wait: bool = Field(index=True)
    """Whether an email, or a call of a webhook, waits. An event waits to be looked at even where no webhook wants it:
    else it would tell whether the shelter has software."""

    failed: bool = False
    """Whether a copy was given up."""

    settled_on: date | None = None
    """The day since which no copy waits; None: one does."""

    content: MessageContent = Field(sa_column=Column(SealedRecord(MessageContent, "key_owner"), nullable=False))


class Subscription(SQLModel, table=True):
    """The subscription of one account to the report."""

    id: str = Field(unique=True)
    account_id: str = Field(primary_key=True, foreign_key="account.id")
    rhythm: Rhythm = coded(Rhythm)
    language: str
    form: MailForm = coded(MailForm)
    changed_at: datetime


class Reminder(SQLModel, table=True):
    """A reminder that a task waits. `once` keeps it from being stored twice, whichever process runs the job."""

    key_owner: ClassVar[str] = MESSAGES
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    once: str = pseudonym("reminder.once", nullable=False, unique=True)
    kind: ReminderKind = coded(ReminderKind, index=True)
    subject_id: str = pseudonym("reminder.subject_id", nullable=False)
    """The id of a hold, a stay or a shelter."""

    mark: str | None = sealed("key_owner")
    """After how many hours, on which day of the stay, or at which time of the clock."""

    made_on: date = Field(index=True)
    made_at: datetime = sealed_as(SealedMoment, "key_owner")


class NoticeContent(BaseModel):
    """Which task was told, at which mark, to whom, and when each of them looked first."""

    task: str
    """Its keyed hash."""
    kind: str
    mark: NoticeMark
    at: datetime
    told: tuple[str, ...]
    mailed: tuple[str, ...] = ()
    seen: dict[str, datetime] = {}


class TaskNotice(SQLModel, table=True):
    """That a task was told, once at each mark, whichever process runs the job: one sealed row for all whom it told.

    It ends with its task, and its `once` has its id behind it from then on: what is there again is told again.
    """

    key_owner: ClassVar[str] = MESSAGES
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    once: str = pseudonym("tasknotice.once", nullable=False, unique=True)
    made_on: date = Field(index=True)
    ended_on: date | None = Field(default=None, index=True)
    content: NoticeContent = Field(sa_column=Column(SealedRecord(NoticeContent, "key_owner"), nullable=False))


class DailyRun(SQLModel, table=True):
    """A run of a daily job: once for each day in Amsterdam, however many processes try."""

    job: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    due_at: datetime
    ran_at: datetime = Field(index=True)
    late: bool
