"""Outgoing messages with their recipients and status; reminders; and daily runs."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from placement.core.codes import Channel, MailForm, MessageKind, MessageStatus, ReminderKind, Rhythm
from placement.tables.columns import coded, encrypted, listed, record


class Webhook(SQLModel, table=True):
    """A webhook, to which events are sent. Of a shelter, or of the coordination centre where it names none."""

    id: str = Field(primary_key=True)
    shelter_id: str | None = Field(default=None, foreign_key="shelter.id", index=True)
    url: Any = encrypted(nullable=False)
    kinds: list[str] = listed()
    secret: Any = encrypted(nullable=False)
    former_secret: Any = encrypted()
    """The former secret, which signs too until `former_until`."""

    former_until: datetime | None = None
    made_at: datetime
    made_by: str
    failing_since: datetime | None = None
    disabled_at: datetime | None = None


class Message(SQLModel, table=True):
    """The outbox: a row in the transaction of the act that causes it. Its id is sent with it, so that a repetition is
    recognised.

    No address is in it, and no person: the address is looked up at delivery, a person is never in a message.
    """

    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (webhook_id IS NULL)", name="to_whom"),
        CheckConstraint("(channel = 'webhook') = (webhook_id IS NOT NULL)", name="how"),
        Index("ix_message_due", "status", "channel", "next_at"),
    )

    id: str = Field(primary_key=True)
    once: str = Field(unique=True)
    """The unique key of its subject: a second row for the same thing is refused."""

    kind: MessageKind = coded(MessageKind)
    channel: Channel = coded(Channel)
    account_id: str | None = Field(default=None, foreign_key="account.id", index=True)
    webhook_id: str | None = Field(default=None, foreign_key="webhook.id", index=True)
    facts: dict[str, Any] = record()
    """Ids, days and figures."""

    status: MessageStatus = coded(MessageStatus)
    made_at: datetime = Field(index=True)
    next_at: datetime
    try_until: datetime
    attempts: int = 0
    claim: str | None = None
    """A random name of the process that is delivering it, until `claimed_until`: then another may."""

    claimed_until: datetime | None = None
    settled_at: datetime | None = None
    trouble: str | None = None
    """Why it was not delivered, as a code."""


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

    id: str = Field(primary_key=True)
    once: str = Field(unique=True)
    kind: ReminderKind = coded(ReminderKind, index=True)
    subject_id: str = Field(index=True)
    """The id of a hold, a stay or a shelter."""

    mark: str
    """After how many hours, on which day of the stay, or at which time of the clock."""

    made_at: datetime = Field(index=True)


class DailyRun(SQLModel, table=True):
    """A run of a daily job: once for each day in Amsterdam, however many processes try."""

    job: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    due_at: datetime
    ran_at: datetime = Field(index=True)
    late: bool
