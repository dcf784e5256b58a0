"""The shapes of what the audit log stores: the rows of audit events, and what is sealed in them."""

from datetime import datetime
from typing import Any, TypedDict


class StoredEvent(TypedDict):
    """The columns of an audit event."""

    id: int
    at: datetime
    key: str
    cipher: bytes
    link: str


class RowsStated(TypedDict, total=False):
    """The statement of a line about the sealed rows: their sum, or what is added to it, and the changed rows."""

    sum: str
    added: str
    changed: dict[str, str | None]


class Truncated(TypedDict):
    """The facts of a truncation: up to which number, the link there, and the name of the key."""

    through: int
    link: str
    key: str


class Written(TypedDict, total=False):
    """The content of an audit event as it is written: the fields of `AuditContent`, and what stands beside them."""

    event: str
    action: str
    outcome: str
    actor: str
    on_behalf_of: str | None
    role: str | None
    registration_id: str | None
    object_id: str | None
    address: str
    protocol: str
    request_id: str
    facts: dict[str, Any]
    rows: RowsStated
    lane: tuple[str, int]
    given_up: dict[str, int]
    former_link: str
