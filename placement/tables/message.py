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
    """A webhook, to which events are sent; of a shelter, or of the coordination centre if it names no shelter.

    The owner is stored as a pseudonym, because the row changes when an event of a hold is delivered.
    """

    OUTSIDE: ClassVar[Mapping[str, str]] = {"failing_since": "changes with each delivery; it opens nothing"}

    id: str = Field(primary_key=True)
    shelter_id: str | None = pseudonym("webhook.shelter_id")
    url: str = encrypted(nullable=False)
    kinds: list[str] = listed()
    secret: str = encrypted(nullable=False)
    former_secret: str | None = encrypted()
    """The former secrets, oldest first, separated by spaces: they also sign until `former_until`."""

    former_until: datetime | None = None
    made_at: datetime
    made_by: str = pseudonym("webhook.made_by", nullable=False)
    failing_since: datetime | None = None
    disabled_at: datetime | None = None


class Copy(BaseModel):
    """The copy of a message for one recipient, an account by mail or a webhook by a call, with its progress."""

    account_id: str | None = None
    webhook_id: str | None = None
    status: MessageStatus = MessageStatus.WAITING
    next_at: datetime
    try_until: datetime
    attempts: int = 0
    claim: str | None = None
    """A random name of the delivering process; from `claimed_until` on, another process may deliver."""

    claimed_until: datetime | None = None
    settled_at: datetime | None = None
    trouble: str | None = None
    """The reason for which it was not delivered, as a code."""

    @property
    def channel(self) -> Channel:
        return Channel.WEBHOOK if self.account_id is None else Channel.MAIL

    @property
    def waits(self) -> bool:
        return self.status is MessageStatus.WAITING

    def is_due(self, at: datetime) -> bool:
        return self.waits and self.next_at <= at and (self.claimed_until is None or self.claimed_until <= at)


class MessageContent(BaseModel):
    """The content and recipients of a message: sealed as one value, whose length discloses nothing."""

    kind: MessageKind
    made_at: datetime
    facts: dict[str, Any]
    """Ids, days and figures."""

    copies: tuple[Copy, ...]


MESSAGES = "messages"
"""The name of the key of messages and reminders."""


class Message(SQLModel, table=True):
    """The outbox: one row, in the transaction of the act that causes it, for all recipients.

    It contains no address and no person: the address is looked up at delivery. Only the columns that a deliverer
    searches for are in clear. Otherwise a dump would disclose the notified shelter of a hold, or its number of members.
    No column has a moment, which could match that of a shelter's own report.
    """

    key_owner: ClassVar[str] = MESSAGES
    __table_args__ = (
        Index("ix_message_settled_on", "settled_on", "made_on"),
        Index("ix_message_failed", "failed", "made_on"),
        {"sqlite_with_rowid": False},
    )

    id: str = Field(primary_key=True)
    once: str = pseudonym("message.once", nullable=False, unique=True)
    """The unique key of its subject: a second row for the same subject is refused."""

    made_on: date = Field(index=True)
    mail_waits: bool = Field(index=True)
    calls_wait: bool = Field(index=True)
    """True if a mail, or a webhook call, waits.
    An event waits even if no webhook wants it: otherwise the column would disclose whether the shelter has software.
    """

    failed: bool = False
    """True if the delivery of a copy was given up."""

    settled_on: date | None = None
    """The day since which no copy waits; `None` while any copy waits."""

    content: MessageContent = Field(sa_column=Column(SealedRecord(MessageContent, "key_owner"), nullable=False))


class Subscription(SQLModel, table=True):
    """The subscription of an account to the report."""

    id: str = Field(unique=True)
    account_id: str = Field(primary_key=True, foreign_key="account.id")
    rhythm: Rhythm = coded(Rhythm)
    language: str
    form: MailForm = coded(MailForm)
    changed_at: datetime


class Reminder(SQLModel, table=True):
    """A reminder that a task waits. `once` prevents a second row, whichever process runs the job."""

    key_owner: ClassVar[str] = MESSAGES
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    once: str = pseudonym("reminder.once", nullable=False, unique=True)
    kind: ReminderKind = coded(ReminderKind, index=True)
    subject_id: str = pseudonym("reminder.subject_id", nullable=False)
    """The id of a hold, a stay or a shelter."""

    mark: str | None = sealed("key_owner")
    """The mark: a number of hours, a day of the stay, or a time of day."""

    made_on: date = Field(index=True)
    made_at: datetime = sealed_as(SealedMoment, "key_owner")


class NoticeContent(BaseModel):
    """A notified task with its mark, its recipients, and the time at which each first looked at it."""

    task: str
    """The keyed hash of the task."""
    kind: str
    mark: NoticeMark
    at: datetime
    told: tuple[str, ...]
    mailed: tuple[str, ...] = ()
    seen: dict[str, datetime] = {}


class TaskNotice(SQLModel, table=True):
    """The notification of a task, once at each mark: one sealed row for all recipients.

    It ends with its task. Then its own id is added to `once`, so that a returning task is notified again.
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
