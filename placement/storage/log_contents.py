"""The contents of audit events, sealed by the key of the log."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from placement.core.codes import Action, Outcome, Protocol, Role
from placement.crypto import log_cipher
from placement.storage.log_records import Written
from placement.tables.audit import AuditContent

FIELDS = tuple(field.name for field in fields(AuditContent))

FORMER_LINK: Final = "former_link"
"""The field with the former link of an audit event from before contents were sealed."""


def seal_event(key: bytes, number: int, content: AuditContent, **beside: object) -> bytes:
    """Seals the content of the audit event with this number. `beside`: additional content that is not in `FIELDS`."""
    return seal_facts(key, number, {name: getattr(content, name) for name in FIELDS} | beside)


def seal_facts(key: bytes, number: int, facts: Mapping[str, object]) -> bytes:
    return log_cipher.seal(key, _row_of_event(number), log_cipher.padded(as_json(facts)))


def facts_in(key: bytes, number: int, cipher: bytes) -> Written:
    """Raises `DoesNotOpen`."""
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
