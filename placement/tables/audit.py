"""The audit log, its anomalies, and two tables that prevent a second execution of the same work: stored requests, and
runs of jobs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field, SQLModel

from placement.core.codes import Action, Outcome, Protocol, ReviewOutcome, Role
from placement.core.errors import Conflict
from placement.tables.columns import coded, sealed
from placement.tables.sealed_row import InDoubt, SealedRow


class _InContent:
    """Descriptor for an attribute of an event's sealed content. The attribute can be read in a loaded row, but not used
    in a query.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, row: "AuditEvent | Anomaly | None", owner: type | None = None) -> Any:
        if row is None:
            raise AttributeError(f"{self._name} is sealed: no query finds it (see placement/storage/log_index.py)")
        return getattr(row.content, self._name)

    def __set__(self, row: object, value: object) -> None:
        raise AttributeError(f"{self._name} is sealed with the row that says it")


@dataclass(frozen=True, slots=True)
class AuditContent:
    """The content of an audit event, with the fields of NEN 7513. Everything except the event's number and moment is
    sealed.
    """

    event: str
    action: Action
    outcome: Outcome
    actor: str
    on_behalf_of: str | None
    role: Role | None
    """The user's role; `None` before sign-in."""
    registration_id: str | None
    """The id of the case. The audit event remains after the case was erased."""
    object_id: str | None
    address: str
    protocol: Protocol
    request_id: str
    facts: Mapping[str, Any]
    """Codes, ids and figures at the time of the event; no personal data. `shown`: the cases that a list displayed."""

    @property
    def cases(self) -> frozenset[str]:
        """The cases that the event concerns, or that a list in the event showed."""
        return frozenset({*([self.registration_id] if self.registration_id else []), *self.facts.get("shown", ())})


class AuditEvent(SQLModel, table=True):
    """An audit event in the hash chain (`hash_chain.py`). Its content is sealed with the log's key. The database
    refuses changes and deletions. If a row is changed nevertheless, `link` does not match any more. In a loaded row,
    the fields of the content, such as `actor`, are attributes. Searches by these fields use `log_index.py`.
    """

    id: int = Field(default=0, primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The number of the audit event: 1, 2, 3 ..., without gaps. The number is set at the end of the transaction,
    together with `key`, `cipher` and `link`.
    """
    at: datetime = Field(index=True)
    key: str = ""
    """The name of the key that sealed the content."""
    cipher: bytes = b""
    link: str = ""
    """HMAC-SHA256, in hexadecimal, of the previous event's link and of this event in its stored form."""

    @property
    def content(self) -> AuditContent:
        """Returns the decrypted content. Raises `Conflict` if it cannot be decrypted."""
        found: AuditContent | None = self.__dict__.get(_OPENED)
        if found is None:
            raise Conflict("log_unreadable", line=self.id)
        return found

    def show(self, content: AuditContent) -> "AuditEvent":
        """Attaches the decrypted content to the loaded row, and returns the row. The database keeps only the sealed
        form.
        """
        self.__dict__[_OPENED] = content
        return self

    event: ClassVar[_InContent] = _InContent("event")
    action: ClassVar[_InContent] = _InContent("action")
    outcome: ClassVar[_InContent] = _InContent("outcome")
    actor: ClassVar[_InContent] = _InContent("actor")
    on_behalf_of: ClassVar[_InContent] = _InContent("on_behalf_of")
    role: ClassVar[_InContent] = _InContent("role")
    registration_id: ClassVar[_InContent] = _InContent("registration_id")
    object_id: ClassVar[_InContent] = _InContent("object_id")
    address: ClassVar[_InContent] = _InContent("address")
    protocol: ClassVar[_InContent] = _InContent("protocol")
    request_id: ClassVar[_InContent] = _InContent("request_id")
    facts: ClassVar[_InContent] = _InContent("facts")


_OPENED = "opened content"


class AuditUnsealed(SQLModel, table=True):
    """An audit event that is stored, but not yet part of the hash chain (`placement/storage/log_buffer.py`; only on
    PostgreSQL).
    """

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    """The position of the event, by which it is later added to the chain. The database assigns this number while the
    transaction still holds its row locks.
    """
    at: datetime
    key: str
    """The name of the log's key."""
    lane: str
    number: int
    """The number of the event in its lane (the queue of one process): 1, 2, 3 ..., without a gap."""
    cipher: bytes


class AuditIndex(SQLModel, table=True):
    """An index entry: the audit events of a block with a certain actor, case or event name (`log_index.py`)."""

    __table_args__ = {"sqlite_with_rowid": False}  # the order of insertion is not kept

    token: bytes = Field(primary_key=True)
    """The token of this kind, value and block. It is unique in this table."""
    line: int = Field(index=True)
    """The number of the last audit event of the block."""
    cipher: bytes
    """An encrypted bit mask with a bit for each audit event of the block."""


class AuditTruncation(SQLModel, table=True):
    """The last event that was truncated from the audit log. The trigger allows deletion of audit events up to this
    event only.
    """

    line: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The number of the audit event that records the truncation."""
    through: int


@dataclass(frozen=True, slots=True)
class AnomalyContent:
    """The finding of an anomaly rule, with the user, the case and the audit events concerned."""

    rule: str
    """The code of the rule, from `placement/audit/anomaly_rules.py`."""
    span: str
    """The group of audit events to which the rule was applied: a user in a period. For each group a rule reports at
    most one anomaly.
    """
    actor: str
    registration_id: str | None
    first_line: int
    last_line: int
    counted: int
    """The number of audit events, or the number of cases, at the time when the anomaly was found."""
    at: datetime
    """The time of the first of these audit events."""


class Anomaly(SealedRow, table=True):
    """An anomaly in the audit log, which a user must review and acknowledge. Its content is sealed with the log's key.
    A manipulated anomaly stays in the list, and the list still loads.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    OUTSIDE: ClassVar[Mapping[str, str]] = {"note": "encrypted with a key of its own, which is destroyed with it"}
    __tablename__ = "auditoddity"
    __table_args__ = (CheckConstraint("(outcome IS NULL) = (ticked_at IS NULL)", name="ticked"),)

    id: str = Field(primary_key=True)
    once: bytes = Field(unique=True)
    """The keyed hash of rule and span. It prevents a second row for the same finding."""
    key: str
    """The name of the log's key that seals the content."""
    cipher: bytes
    found_at: datetime = Field(index=True)
    outcome: ReviewOutcome | None = coded(ReviewOutcome, nullable=True)
    note: str | None = sealed("id")
    """The reviewer's note, which can be about any person. A separate key encrypts it, and is destroyed with the
    anomaly.
    """

    ticked_at: datetime | None = None
    ticked_by: str | None = None

    @property
    def content(self) -> AnomalyContent:
        """Returns the decrypted content. Raises `Conflict` if it cannot be decrypted."""
        found: AnomalyContent | None = self.__dict__.get(_OPENED)
        if found is None:
            raise Conflict("log_unreadable", line=self.id)
        return found

    @property
    def is_open(self) -> bool:
        """True if the content could be decrypted."""
        return _OPENED in self.__dict__

    def show(self, content: AnomalyContent) -> "Anomaly":
        """Attaches the decrypted content to the loaded row, and returns the row. The database keeps only the sealed
        form.
        """
        self.__dict__[_OPENED] = content
        return self

    rule: ClassVar[_InContent] = _InContent("rule")
    span: ClassVar[_InContent] = _InContent("span")
    actor: ClassVar[_InContent] = _InContent("actor")
    registration_id: ClassVar[_InContent] = _InContent("registration_id")
    first_line: ClassVar[_InContent] = _InContent("first_line")
    last_line: ClassVar[_InContent] = _InContent("last_line")
    counted: ClassVar[_InContent] = _InContent("counted")
    at: ClassVar[_InContent] = _InContent("at")


class IdempotentRequest(SQLModel, table=True):
    """A write request with an `Idempotency-Key`, and the stored answer that a repeated request receives."""

    key: str = Field(primary_key=True)
    """A keyed hash of the actor and the request's `Idempotency-Key`."""
    fingerprint: str | None = sealed("key_owner")
    """The hash of the request, encrypted. With a hash in clear, a thief could guess the content and compare the hashes.
    """

    attempt: str
    started_at: datetime
    status: int | None = None
    headers: dict[str, str] = sealed("key_owner")
    body: str = sealed("key_owner")
    registration_id: str | None = sealed("key_owner")
    """The case in the stored answer. A repeated request discloses the case again, and therefore writes an
    audit event.
    """

    @property
    def key_owner(self) -> str:
        """The name of the key that encrypts the sealed columns. There is a key for each day; this is the key of the day
        on which the request began.
        """
        return answers_of(self.started_at)


OF_A_DAY = "answers-"
"""The prefix of the key names for stored answers. The date follows the prefix."""


def answers_of(moment: datetime) -> str:
    """Returns the name of the key for the answers that are stored on the day of this moment (UTC)."""
    return f"{OF_A_DAY}{moment.astimezone(UTC):%Y-%m-%d}"


class JobRun(SQLModel, table=True):
    """A completed run of a periodic job. A time slot has a single run, even if several processes start the job."""

    job: str = Field(primary_key=True)
    slot: datetime = Field(primary_key=True)
    finished_at: datetime | None = None
