"""Outgoing messages with their recipients and delivery status; reminders; and runs of daily jobs."""

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
    """A webhook, to which events are sent. A webhook without `shelter_id` belongs to the coordination centre. The
    shelter is stored as a pseudonym, because delivering an event about a hold changes this row.
    """

    OUTSIDE: ClassVar[Mapping[str, str]] = {"failing_since": "changes with each delivery; it opens nothing"}

    id: str = Field(primary_key=True)
    shelter_id: str | None = pseudonym("webhook.shelter_id")
    url: str = encrypted(nullable=False)
    kinds: list[str] = listed()
    secret: str = encrypted(nullable=False)
    former_secret: str | None = encrypted()
    """The former secrets, oldest first, separated by spaces. Until `former_until`, calls are also signed with these
    secrets.
    """

    former_until: datetime | None = None
    made_at: datetime
    made_by: str = pseudonym("webhook.made_by", nullable=False)
    failing_since: datetime | None = None
    disabled_at: datetime | None = None


class PushDevice(SQLModel, table=True):
    """A browser in which a person allowed push messages. A push message contains no facts, and the address of the
    browser gives no access to the service. `ended_on`: the day on which the push service no longer knew the browser.
    The address is then erased. The row stays, and shows its owner that push messages must be allowed again.
    """

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    fingerprint: str = Field(unique=True)
    """The hash of the address. It shows that push messages were allowed twice in the same browser."""

    subscription: dict[str, str] | None = encrypted()
    """The address at the push service, and the browser's keys (RFC 8291): `endpoint`, `p256dh`, `auth`."""

    name: str = encrypted(nullable=False)
    made_on: date
    trouble: str | None = encrypted()
    """The code of the reason why the last message failed; `None` after a success."""

    ended_on: date | None = Field(default=None, index=True)


class Copy(BaseModel):
    """A message's copy for one recipient, with its delivery status. A mail goes to an account, and a call to a webhook.
    A push goes to a device (with its owner), an SMS to an account or to a number of the desk's list.
    """

    account_id: str | None = None
    webhook_id: str | None = None
    device_id: str | None = None
    sms: bool = False
    number: str | None = None
    """A number of the desk's list, in E.164. All other addresses are looked up at delivery."""

    status: MessageStatus = MessageStatus.WAITING
    next_at: datetime
    try_until: datetime
    attempts: int = 0
    claim: str | None = None
    """A random name for the process that delivers the copy. After `claimed_until` another process may deliver the copy.
    """

    claimed_until: datetime | None = None
    settled_at: datetime | None = None
    trouble: str | None = None
    """The code of the reason why delivery failed."""

    @property
    def channel(self) -> Channel:
        if self.device_id is not None:
            return Channel.PUSH
        if self.sms:
            return Channel.SMS
        return Channel.WEBHOOK if self.account_id is None else Channel.MAIL

    @property
    def is_mail(self) -> bool:
        """True for a mail; false for a call of a webhook, a push service or the SMS gateway."""
        return self.channel is Channel.MAIL

    @property
    def waits(self) -> bool:
        return self.status is MessageStatus.WAITING

    def is_due(self, at: datetime) -> bool:
        return self.waits and self.next_at <= at and (self.claimed_until is None or self.claimed_until <= at)


class MessageContent(BaseModel):
    """The content and recipients of a message. They are sealed as a single value, whose length discloses nothing."""

    kind: MessageKind
    made_at: datetime
    facts: dict[str, Any]
    """Ids, dates and figures for the message's text."""

    copies: tuple[Copy, ...]


MESSAGES = "messages"
"""The name of the key that seals messages and reminders."""


class Message(SQLModel, table=True):
    """The outbox: a row for each message, stored in the transaction of the act that causes the message. A message
    contains no address of a person; the address is looked up at delivery. Only the columns for finding waiting, failed
    and old messages are in clear. Otherwise a copy of the database would disclose which shelter was notified of a hold,
    or how many members a shelter has. No column contains a clock time, because the time could be matched with a
    shelter's own report.
    """

    key_owner: ClassVar[str] = MESSAGES
    __table_args__ = (
        Index("ix_message_settled_on", "settled_on", "made_on"),
        Index("ix_message_failed", "failed", "made_on"),
        {"sqlite_with_rowid": False},
    )

    id: str = Field(primary_key=True)
    once: str = pseudonym("message.once", nullable=False, unique=True)
    """The unique key of the message's subject. The database refuses a second message about the same subject."""

    made_on: date = Field(index=True)
    mail_waits: bool = Field(index=True)
    calls_wait: bool = Field(index=True)
    """`mail_waits`, `calls_wait`: true if a mail, or a call of a webhook, a push service or the SMS gateway, waits. An
    event is treated as waiting even if no webhook is registered for it. Otherwise the column would disclose whether the
    shelter has software.
    """

    failed: bool = False
    """True if the delivery of at least one copy was given up."""

    settled_on: date | None = None
    """The day since which no copy waits; `None` while a copy still waits."""

    content: MessageContent = Field(sa_column=Column(SealedRecord(MessageContent, "key_owner"), nullable=False))


class Subscription(SQLModel, table=True):
    """An account's subscription to the capacity report."""

    id: str = Field(unique=True)
    account_id: str = Field(primary_key=True, foreign_key="account.id")
    rhythm: Rhythm = coded(Rhythm)
    language: str
    form: MailForm = coded(MailForm)
    changed_at: datetime


class Reminder(SQLModel, table=True):
    """A reminder about a waiting task. Because `once` is unique, several processes cannot store the same reminder
    twice.
    """

    key_owner: ClassVar[str] = MESSAGES
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    once: str = pseudonym("reminder.once", nullable=False, unique=True)
    kind: ReminderKind = coded(ReminderKind, index=True)
    subject_id: str = pseudonym("reminder.subject_id", nullable=False)
    """The id of the hold, stay or shelter that the reminder is about."""

    mark: str | None = sealed("key_owner")
    """The time at which the reminder was due, in a short form: a number of hours, a day of the stay, or a time of day.
    """

    made_on: date = Field(index=True)
    made_at: datetime = sealed_as(SealedMoment, "key_owner")


class NoticeContent(BaseModel):
    """The content of a notification: the task, the step of the escalation (`mark`), the recipients, and the time at
    which each recipient first looked at the task.
    """

    task: str
    """The keyed hash of the task's id."""
    kind: str
    mark: NoticeMark
    at: datetime
    told: tuple[str, ...]
    mailed: tuple[str, ...] = ()
    seen: dict[str, datetime] = {}


class TaskNotice(SQLModel, table=True):
    """The notifications of a task at a step of the escalation (`mark`). A single sealed row covers all recipients. The
    row ends with the task. The id of the row is then added to `once`. So if the task returns, a new row is possible,
    and the recipients are notified again.
    """

    key_owner: ClassVar[str] = MESSAGES
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    once: str = pseudonym("tasknotice.once", nullable=False, unique=True)
    made_on: date = Field(index=True)
    ended_on: date | None = Field(default=None, index=True)
    content: NoticeContent = Field(sa_column=Column(SealedRecord(NoticeContent, "key_owner"), nullable=False))


class DailyRun(SQLModel, table=True):
    """A completed run of a daily job. A day (Amsterdam) has a single run, even if several processes start the job."""

    job: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    due_at: datetime
    ran_at: datetime = Field(index=True)
    late: bool
