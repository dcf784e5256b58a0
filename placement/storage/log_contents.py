"""The stored form of audit events. Their contents are encrypted with the log's key."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, TypedDict

from placement.core.codes import Action, Outcome, Protocol, Role
from placement.crypto import log_cipher
from placement.tables.audit import AuditContent

FIELDS = tuple(field.name for field in fields(AuditContent))

FORMER_LINK: Final = "former_link"
"""The field with the link that an audit event had before contents were encrypted."""


class StoredEvent(TypedDict):
    """The columns of an audit event."""

    id: int
    at: datetime
    key: str
    cipher: bytes
    link: str


class RowsStated(TypedDict, total=False):
    """An event's statement about sealed rows: the new sum, or in a waiting event the increase of the sum (`added`).
    `changed`: the mark of each changed row, by name; `None` for a deleted row.
    """

    sum: str
    added: str
    changed: dict[str, str | None]


class Truncated(TypedDict):
    """The facts of a truncation: the number and link of the last deleted event, and the name of its key."""

    through: int
    link: str
    key: str


class Written(TypedDict, total=False):
    """The content of an audit event as stored: the fields of `AuditContent`, and additional fields of the log."""

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


def written_form(content: AuditContent) -> dict[str, object]:
    return {name: getattr(content, name) for name in FIELDS}


def seal_facts(key: bytes, number: int, facts: Mapping[str, object]) -> bytes:
    return log_cipher.seal(key, _row_of_event(number), log_cipher.padded(as_json(facts)))


def facts_in(key: bytes, number: int, cipher: bytes) -> Written:
    """Decrypts the content of an audit event. Raises `DoesNotOpen` if it cannot be decrypted."""
    found: Written = json.loads(log_cipher.opened(key, _row_of_event(number), cipher))
    return found


def content_of(written: Mapping[str, Any]) -> AuditContent:
    return AuditContent(
        **{name: written[name] for name in FIELDS if name not in {"action", "outcome", "role", "protocol"}},
        action=Action(written["action"]),
        outcome=Outcome(written["outcome"]),
        role=Role(written["role"]) if written["role"] else None,
        protocol=Protocol(written["protocol"]),
    )


def as_json(written: Mapping[str, object]) -> bytes:
    return json.dumps(written, separators=(",", ":")).encode()


def _row_of_event(number: int) -> str:
    return f"auditevent {number}"
