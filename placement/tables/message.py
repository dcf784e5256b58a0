"""What goes out, to whom, and where it stands; what was reminded of; and which days' work is done."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from placement.core.codes import Channel, MailForm, MessageKind, MessageStatus, ReminderKind, Rhythm
from placement.tables.columns import coded, encrypted, listed, record


class Webhook(SQLModel, table=True):
    """Where software is told of events. Of a shelter, or of the coordination centre where it names none."""

    id: str = Field(primary_key=True)
    shelter_id: str | None = Field(default=None, foreign_key="shelter.id", index=True)
    url: Any = encrypted(nullable=False)
    kinds: list[str] = listed()
    secret: Any = encrypted(nullable=False)
    former_secret: Any = encrypted()
    """The one before, which signs too until `former_until`."""

    former_until: datetime | None = None
    made_at: datetime
    made_by: str
    failing_since: datetime | None = None
    disabled_at: datetime | None = None


class Message(SQLModel, table=True):
    """The outbox: a row in the transaction of what it tells of. Its id goes with it, so that a repetition is known.

    No address is in it, and no person: the one is looked up when it goes, the other never does.
    """

    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (webhook_id IS NULL)", name="to_whom"),
        CheckConstraint("(channel = 'webhook') = (webhook_id IS NOT NULL)", name="how"),
        Index("ix_message_due", "status", "channel", "next_at"),
    )

    id: str = Field(primary_key=True)
    once: str = Field(unique=True)
    """What makes it one of its kind: a second row for the same thing is refused."""

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
    """A random name of whoever is delivering it, until `claimed_until`: then another may."""

    claimed_until: datetime | None = None
    settled_at: datetime | None = None
    trouble: str | None = None
    """Why it did not arrive, as a code."""


class Subscription(SQLModel, table=True):
    """Of one person to the report."""

    id: str = Field(unique=True)
    account_id: str = Field(primary_key=True, foreign_key="account.id")
    rhythm: Rhythm = coded(Rhythm)
    language: str
    form: MailForm = coded(MailForm)
    changed_at: datetime


class Reminder(SQLModel, table=True):
    """That something waits for somebody. `once` keeps it from being said twice, whoever runs the job."""

    id: str = Field(primary_key=True)
    once: str = Field(unique=True)
    kind: ReminderKind = coded(ReminderKind, index=True)
    subject_id: str = Field(index=True)
    """Of a hold, a stay or a shelter."""

    mark: str
    """After how many hours, on which day of the stay, or at which time of the clock."""

    made_at: datetime = Field(index=True)


class DailyRun(SQLModel, table=True):
    """A job of the day runs once for each day in Amsterdam, however many processes try."""

    job: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    due_at: datetime
    ran_at: datetime = Field(index=True)
    late: bool
