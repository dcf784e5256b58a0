"""The audit log, its anomalies, and the two ledgers that make a repetition harmless."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field, SQLModel

from placement.core.codes import Action, Outcome, Protocol, ReviewOutcome, Role
from placement.core.errors import Conflict
from placement.tables.columns import coded, sealed


class _InContent:
    """An attribute that is sealed: a row that was loaded has it, and no query can."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            raise AttributeError(f"{self._name} is sealed: no query finds it (see placement/storage/log_index.py)")
        return getattr(row.content, self._name)

    def __set__(self, row: Any, value: object) -> None:
        raise AttributeError(f"{self._name} is sealed with the row that says it")


@dataclass(frozen=True, slots=True)
class AuditContent:
    """What an audit event says, with the fields of NEN 7513: sealed but for its number and its moment."""

    event: str
    action: Action
    outcome: Outcome
    actor: str
    on_behalf_of: str | None
    role: Role | None
    """Null before sign-in."""
    registration_id: str | None
    """The case; an audit event outlives what it is about."""
    object_id: str | None
    address: str
    protocol: Protocol
    request_id: str
    facts: Mapping[str, Any]
    """Codes, ids and figures, as they were then; no personal data. `shown`: the cases that a list showed."""

    @property
    def cases(self) -> frozenset[str]:
        """The cases that it is about, or showed."""
        return frozenset({*([self.registration_id] if self.registration_id else []), *self.facts.get("shown", ())})


class AuditEvent(SQLModel, table=True):
    """An audit event in the chain (`hash_chain.py`), its content sealed by the log's key.

    The database refuses to change or delete one, and `link` shows when it was done all the same. `event`, `actor` and
    the other attributes of its content are there when it is loaded; audit events are found by them with `log_index.py`.
    """

    id: int = Field(default=0, primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The number of the audit event: 1, 2, 3 ..., without a gap; as key, cipher and link it is given at the end of the
    transaction.
    """
    at: datetime = Field(index=True)
    key: str = ""
    """The name of the key that it was written with."""
    cipher: bytes = b""
    link: str = ""
    """HMAC-SHA256 over the link of the audit event before and this one as it is stored, in hexadecimal."""

    @property
    def content(self) -> AuditContent:
        """Raises `Conflict` where it does not open."""
        found: AuditContent | None = self.__dict__.get(_OPENED)
        if found is None:
            raise Conflict("log_unreadable", line=self.id)
        return found

    def show(self, content: AuditContent) -> "AuditEvent":
        """Gives the row its content in clear, which is stored sealed only."""
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
    """A line of the log that is stored, and not in the chain yet (`placement/storage/log_buffer.py`; PostgreSQL)."""

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    """The order in which lines are put into the chain: given while a transaction has its locks on rows."""
    at: datetime
    key: str
    """The name of the log's key."""
    lane: str
    number: int
    """Of the line in its lane: 1, 2, 3 ..., without a gap."""
    cipher: bytes


class AuditIndex(SQLModel, table=True):
    """In which audit events of a block an actor, a case or the name of an event occurs (`log_index.py`)."""

    __table_args__ = {"sqlite_with_rowid": False}  # the order in which rows were added is not kept

    token: bytes = Field(primary_key=True)
    """Of a kind, a value and a block: it is in no other row."""
    line: int = Field(index=True)
    """The last audit event of the block."""
    cipher: bytes
    """A bit for each audit event of the block."""


class AuditTruncation(SQLModel, table=True):
    """Up to which audit event the log was truncated: for the trigger that lets old ones be deleted, and none else."""

    line: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The audit event that says so."""
    through: int


@dataclass(frozen=True, slots=True)
class AnomalyContent:
    """What was found, and of whom."""

    rule: str
    """A code of `placement/audit/anomaly_rules.py`."""
    span: str
    """The user and time that this rule groups by: found once."""
    actor: str
    registration_id: str | None
    first_line: int
    last_line: int
    counted: int
    """How many audit events, or cases, when it was found."""
    at: datetime
    """Of the first audit event."""


class Anomaly(SQLModel, table=True):
    """An anomaly in the audit log, which a user must review and acknowledge. What it is about is sealed by the log's
    key.
    """

    __tablename__ = "auditoddity"
    __table_args__ = (CheckConstraint("(outcome IS NULL) = (ticked_at IS NULL)", name="ticked"),)

    id: str = Field(primary_key=True)
    once: bytes = Field(unique=True)
    """A pseudonym of rule and span."""
    key: str
    """The name of the log's key that seals it."""
    cipher: bytes
    found_at: datetime = Field(index=True)
    outcome: ReviewOutcome | None = coded(ReviewOutcome, nullable=True)
    note: Any = sealed("id")
    """Encrypted with a key of its own, which is destroyed with it: the text can be about any person."""

    ticked_at: datetime | None = None
    ticked_by: str | None = None

    @property
    def content(self) -> AnomalyContent:
        """Raises `Conflict` where it does not open."""
        found: AnomalyContent | None = self.__dict__.get(_OPENED)
        if found is None:
            raise Conflict("log_unreadable", line=self.id)
        return found

    @property
    def is_open(self) -> bool:
        """Whether its content opened."""
        return _OPENED in self.__dict__

    def show(self, content: AnomalyContent) -> "Anomaly":
        """Gives the row its content in clear, which is stored sealed only."""
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


class AuditMark(SQLModel, table=True):
    """How far the log was searched for anomalies."""

    reader: str = Field(primary_key=True)
    line: int
    at: datetime
    """Of that audit event."""


class IdempotentRequest(SQLModel, table=True):
    """A write with its `Idempotency-Key`, and the answer that a repetition gets."""

    key: str = Field(primary_key=True)
    """A pseudonym of the actor and the key that came with the write."""
    fingerprint: Any = sealed("key_owner")
    """Hash of the request. Encrypted: else a copy of the database would allow to try every place and distance until one
    fits.
    """

    attempt: str
    started_at: datetime
    status: int | None = None
    headers: Any = sealed("key_owner")
    body: Any = sealed("key_owner")
    registration_id: Any = sealed("key_owner")
    """The case of the answer: a repetition discloses it again, and has an audit event too."""

    @property
    def key_owner(self) -> str:
        """All are encrypted with the key of the day on which it began: a key that lives as long as the answers."""
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
