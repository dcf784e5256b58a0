"""What is sealed by the key of the log: the contents of audit events and anomalies. Rows are opened when they are
loaded.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event as moments
from sqlalchemy import orm
from sqlalchemy.orm import QueryContext
from sqlmodel import Session

from placement.core.codes import Action, Outcome, Protocol, Role
from placement.core.errors import Misconfigured
from placement.crypto import log_cipher
from placement.crypto.log_cipher import DoesNotOpen
from placement.storage.log_records import Written
from placement.tables import Anomaly, AuditEvent
from placement.tables.audit import AnomalyContent, AuditContent

if TYPE_CHECKING:
    from placement.storage.hash_chain import LogKeys

FIELDS = tuple(field.name for field in fields(AuditContent))

FORMER_LINK: Final = "former_link"
"""In the content of an audit event from before contents were sealed: the link that it had then."""

_KEYS = "keys of the log"


def use_keys(session: Session, keys: "LogKeys") -> None:
    """Sets the keys with which this session opens what it loads of the log."""
    session.info[_KEYS] = keys


def keys_of(session: orm.Session) -> "LogKeys":
    """The keys of this session. Raises `Misconfigured` where it has none: `Database.transaction` gives them."""
    if _KEYS not in session.info:
        raise Misconfigured("the audit log was used before the database was opened")
    keys: LogKeys = session.info[_KEYS]
    return keys


def seal_event(key: bytes, number: int, content: AuditContent, **beside: object) -> bytes:
    """The content of the audit event with this number, sealed. `beside`: what it says that is no field of it."""
    return seal_facts(key, number, {name: getattr(content, name) for name in FIELDS} | beside)


def seal_facts(key: bytes, number: int, facts: Mapping[str, object]) -> bytes:
    """The same of a content as it is written."""
    return log_cipher.seal(key, _row_of_event(number), log_cipher.padded(_json(facts)))


def facts_in(key: bytes, number: int, cipher: bytes) -> Written:
    """The content of an audit event as it was written, by name. Raises `DoesNotOpen`."""
    found: Written = json.loads(log_cipher.opened(key, _row_of_event(number), cipher))
    return found


def content_of(written: Mapping[str, Any]) -> AuditContent:
    """The content, with its codes."""
    return AuditContent(
        **{name: written[name] for name in FIELDS if name not in {"action", "outcome", "role", "protocol"}},
        action=Action(written["action"]),
        outcome=Outcome(written["outcome"]),
        role=Role(written["role"]) if written["role"] else None,
        protocol=Protocol(written["protocol"]),
    )


def new_anomaly(session: Session, name: str, found_at: datetime, content: AnomalyContent) -> Anomaly:
    """An anomaly with this id and content, sealed with the key in force."""
    key = keys_of(session).at(session)
    written = asdict(content) | {"at": content.at.isoformat()}
    return Anomaly(
        id=name,
        once=once(session, content.rule, content.span),
        key=log_cipher.name_of(key),
        cipher=log_cipher.seal(key, _row_of_anomaly(name), log_cipher.padded(_json(written))),
        found_at=found_at,
    ).show(content)


def once(session: Session, rule: str, span: str) -> bytes:
    """The pseudonym of what a rule found in a span."""
    return log_cipher.token(keys_of(session).lasting, "anomaly", rule, span)


def _json(written: Mapping[str, object]) -> bytes:
    return json.dumps(written, separators=(",", ":")).encode()


def _row_of_event(number: int) -> str:
    return f"auditevent {number}"


def _row_of_anomaly(name: str) -> str:
    return f"auditoddity {name}"


def _open_event(row: AuditEvent, context: QueryContext) -> None:
    """A row whose content does not open is loaded all the same: only who asks for its content is refused."""
    key = keys_of(context.session).named(row.key)
    if key is not None:
        try:
            row.show(content_of(facts_in(key, row.id, row.cipher)))
        except DoesNotOpen:
            return


def _open_anomaly(row: Anomaly, context: QueryContext) -> None:
    key = keys_of(context.session).named(row.key)
    if key is not None:
        try:
            written = json.loads(log_cipher.opened(key, _row_of_anomaly(row.id), row.cipher))
        except DoesNotOpen:
            return
        row.show(AnomalyContent(**written | {"at": datetime.fromisoformat(written["at"])}))


moments.listen(AuditEvent, "load", _open_event)
moments.listen(AuditEvent, "refresh", lambda row, context, _: _open_event(row, context))
moments.listen(Anomaly, "load", _open_anomaly)
moments.listen(Anomaly, "refresh", lambda row, context, _: _open_anomaly(row, context))
