"""The audit log, its anomalies, and the two ledgers that make a repetition harmless."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from placement.core.codes import Action, Outcome, Protocol, ReviewOutcome, Role
from placement.tables.columns import coded, record, sealed


class AuditEvent(SQLModel, table=True):
    """An audit event, with the fields of NEN 7513. Stored at the end of the act's own transaction (`hash_chain.py`).

    The database refuses to change or delete one, and `link` shows when it was done all the same.
    """

    __table_args__ = (
        Index("ix_auditevent_of_registration", "registration_id", "id"),
        Index("ix_auditevent_of_actor", "actor", "id"),
        Index("ix_auditevent_of_event", "event", "id"),
    )

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The number of the audit event: 1, 2, 3 ..., without a gap."""
    at: datetime = Field(index=True)
    event: str
    action: Action = coded(Action)
    outcome: Outcome = coded(Outcome)
    actor: str
    on_behalf_of: str | None = None
    role: Role | None = coded(Role, nullable=True)
    """Null before sign-in."""
    registration_id: str | None = None
    """The case; not a foreign key: an audit event outlives what it is about."""
    object_id: str | None = None
    address: str
    protocol: Protocol = coded(Protocol)
    request_id: str
    facts: dict[str, Any] = record()
    """Codes, ids and figures, as they were then; no personal data. `shown`: the cases that a list showed."""
    link: str
    """HMAC-SHA256 over the link of the audit event before and this one, in hexadecimal."""


class AuditShown(SQLModel, table=True):
    """Index of the lists in which a case was shown: `facts["shown"]` of an audit event, a row each."""

    registration_id: str = Field(primary_key=True)
    line: int = Field(primary_key=True, foreign_key="auditevent.id")


class Anomaly(SQLModel, table=True):
    """An anomaly in the audit log, which a user must review and acknowledge."""

    __tablename__ = "auditoddity"
    __table_args__ = (
        UniqueConstraint("rule", "span", name="uq_auditoddity_once"),
        CheckConstraint("(outcome IS NULL) = (ticked_at IS NULL)", name="ticked"),
    )

    id: str = Field(primary_key=True)
    rule: str
    """A code of `placement/audit/anomaly_rules.py`."""
    span: str
    """The user and time that this rule groups by: found once."""
    actor: str = Field(index=True)
    registration_id: str | None = None
    first_line: int
    last_line: int
    counted: int
    """How many audit events, or cases, when it was found."""
    at: datetime
    """Of the first audit event."""
    found_at: datetime = Field(index=True)
    outcome: ReviewOutcome | None = coded(ReviewOutcome, nullable=True)
    note: Any = sealed("id")
    """Encrypted with a key of its own, which is destroyed with it: the text can be about any person."""

    ticked_at: datetime | None = None
    ticked_by: str | None = None


class AuditMark(SQLModel, table=True):
    """How far the log was searched for anomalies."""

    reader: str = Field(primary_key=True)
    line: int
    at: datetime
    """Of that audit event."""


class IdempotentRequest(SQLModel, table=True):
    """A write with its `Idempotency-Key`, and the answer that a repetition gets."""

    actor: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: Any = sealed("key_owner")
    """Hash of the request. Encrypted: else a copy of the database would allow to try every place and distance until one
    fits.
    """

    attempt: str
    started_at: datetime
    status: int | None = None
    headers: dict[str, str] = record()
    body: Any = sealed("key_owner")
    registration_id: str | None = None
    """The case of the answer: a repetition discloses it again, and has an audit event too."""

    @property
    def key_owner(self) -> str:
        """Both are encrypted with the key of the day on which it began: a key that lives as long as the answers."""
        return answers_of(self.started_at)


OF_A_DAY = "answers-"
"""Prefix of the names of the keys of one day's stored answers, before the day."""


def answers_of(moment: datetime) -> str:
    """The name of the key of the answers of this day (UTC)."""
    return f"{OF_A_DAY}{moment.astimezone(UTC):%Y-%m-%d}"


class JobRun(SQLModel, table=True):
    """A run of a periodic job: once for each slot of time, however many processes try."""

    job: str = Field(primary_key=True)
    slot: datetime = Field(primary_key=True)
    finished_at: datetime | None = None
