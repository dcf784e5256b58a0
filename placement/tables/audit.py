"""What was done, by whom, when, to what; what was odd in it; and the two ledgers that make a repetition harmless."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from placement.core.codes import Action, Outcome, Protocol, ReviewOutcome, Role
from placement.tables.columns import coded, record, sealed


class AuditEvent(SQLModel, table=True):
    """A line of the log, with the fields of NEN 7513. Stored at the end of the act's own transaction (`hash_chain.py`).

    The database refuses to change or delete one, and `link` tells when it was done all the same.
    """

    __table_args__ = (
        Index("ix_auditevent_of_registration", "registration_id", "id"),
        Index("ix_auditevent_of_actor", "actor", "id"),
        Index("ix_auditevent_of_event", "event", "id"),
    )

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The number of the line: 1, 2, 3 ..., without a gap."""
    at: datetime = Field(index=True)
    event: str
    action: Action = coded(Action)
    outcome: Outcome = coded(Outcome)
    actor: str
    on_behalf_of: str | None = None
    role: Role | None = coded(Role, nullable=True)
    """Null where nobody had signed in."""
    registration_id: str | None = None
    """The case; not a foreign key: a line outlives what it is about."""
    object_id: str | None = None
    address: str
    protocol: Protocol = coded(Protocol)
    request_id: str
    facts: dict[str, Any] = record()
    """Codes, ids and figures, as they were then; no personal data. `shown`: the cases that a list showed."""
    link: str
    """HMAC-SHA256 over the link of the line before and this line, in hexadecimal."""


class AuditShown(SQLModel, table=True):
    """Finds the lists in which a case was shown: `facts["shown"]` of a line, a row each."""

    registration_id: str = Field(primary_key=True)
    line: int = Field(primary_key=True, foreign_key="auditevent.id")


class AuditOddity(SQLModel, table=True):
    """Something odd in the log, which somebody must look at and tick off."""

    __table_args__ = (
        UniqueConstraint("rule", "span", name="uq_auditoddity_once"),
        CheckConstraint("(outcome IS NULL) = (ticked_at IS NULL)", name="ticked"),
    )

    id: str = Field(primary_key=True)
    rule: str
    """A code of `placement/audit/anomaly_rules.py`."""
    span: str
    """Of whom and when: what this rule finds once."""
    actor: str = Field(index=True)
    registration_id: str | None = None
    first_line: int
    last_line: int
    counted: int
    """How many lines, or cases, when it was found."""
    at: datetime
    """Of the first line."""
    found_at: datetime = Field(index=True)
    outcome: ReviewOutcome | None = coded(ReviewOutcome, nullable=True)
    note: Any = sealed("id")
    """With a key of its own, which goes with it: it can say anything of anybody."""

    ticked_at: datetime | None = None
    ticked_by: str | None = None


class AuditMark(SQLModel, table=True):
    """How far the log was looked through for what is odd."""

    reader: str = Field(primary_key=True)
    line: int
    at: datetime
    """Of that line."""


class IdempotentRequest(SQLModel, table=True):
    """A write with its `Idempotency-Key`, and the answer that a repetition gets."""

    actor: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: Any = sealed("key_owner")
    """Of the request. Sealed: who has a copy of the database could else try every place and distance until one fits."""

    attempt: str
    started_at: datetime
    status: int | None = None
    headers: dict[str, str] = record()
    body: Any = sealed("key_owner")
    registration_id: str | None = None
    """The case that the answer tells of: a repetition tells it again, and has a line too."""

    @property
    def key_owner(self) -> str:
        """Both are sealed with the key of the day on which it began: a key that lives as long as the answers."""
        return answers_of(self.started_at)


OF_A_DAY = "answers-"
"""How the keys of one day's stored answers are named, before the day."""


def answers_of(moment: datetime) -> str:
    """The name of the key of the answers of this day (UTC)."""
    return f"{OF_A_DAY}{moment.astimezone(UTC):%Y-%m-%d}"


class JobRun(SQLModel, table=True):
    """A job runs once for each slot of time, however many processes try."""

    job: str = Field(primary_key=True)
    slot: datetime = Field(primary_key=True)
    finished_at: datetime | None = None
