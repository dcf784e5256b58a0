"""What was done, by whom, when, to what; and the two ledgers that make a repetition harmless."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from placement.tables.columns import coded, record, sealed
from placement.vocabulary import Role


class AuditEvent(SQLModel, table=True):
    """Written in the transaction of the act; the database refuses to change or delete one."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    event: str = Field(index=True)
    actor: str
    role: Role = coded(Role)
    registration_id: str | None = Field(default=None, index=True)
    object_id: str | None = None
    facts: dict[str, object] = record()
    """Codes, ids and figures, as they were then; no personal data."""


class IdempotentRequest(SQLModel, table=True):
    """A write with its `Idempotency-Key`, and the answer that a repetition gets."""

    actor: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    attempt: str
    started_at: datetime
    status: int | None = None
    headers: dict[str, str] = record()
    body: Any = sealed("key_owner")

    @property
    def key_owner(self) -> str:
        """Its answer is sealed with the key of the day on which it began: a key that lives as long as the answers."""
        return answers_of(self.started_at)


def answers_of(moment: datetime) -> str:
    """The name of the key of the answers of this day (UTC)."""
    return f"answers-{moment.astimezone(UTC):%Y-%m-%d}"


class JobRun(SQLModel, table=True):
    """A job runs once for each slot of time, however many processes try."""

    job: str = Field(primary_key=True)
    slot: datetime = Field(primary_key=True)
    finished_at: datetime | None = None
