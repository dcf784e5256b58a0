"""Decryption of audit events and anomalies when a session loads them."""

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import event as moments
from sqlalchemy import orm
from sqlalchemy.orm import QueryContext
from sqlmodel import Session

from placement.core.errors import Misconfigured
from placement.crypto import log_cipher
from placement.crypto.log_cipher import DoesNotOpen
from placement.storage.log_contents import as_json, content_of, facts_in
from placement.storage.log_keys import LogKeys
from placement.tables import Anomaly, AuditEvent
from placement.tables.audit import AnomalyContent

_KEYS = "keys of the log"


def use_keys(session: Session, keys: LogKeys) -> None:
    """Sets the keys with which this session decrypts audit events and anomalies."""
    session.info[_KEYS] = keys


def keys_of(session: orm.Session) -> LogKeys:
    """Returns the log keys of this session. Raises `Misconfigured` outside `Database.transaction`, which sets them."""
    if _KEYS not in session.info:
        raise Misconfigured("the audit log was used before the database was opened")
    keys: LogKeys = session.info[_KEYS]
    return keys


def new_anomaly(session: Session, name: str, found_at: datetime, content: AnomalyContent) -> Anomaly:
    key = keys_of(session).at(session)
    written = asdict(content) | {"at": content.at.isoformat()}
    return Anomaly(
        id=name,
        once=once(session, content.rule, content.span),
        key=log_cipher.name_of(key),
        cipher=log_cipher.seal(key, _row_of_anomaly(name), log_cipher.padded(as_json(written))),
        found_at=found_at,
    ).show(content)


def once(session: Session, rule: str, span: str) -> bytes:
    """Returns a keyed hash of an anomaly rule and a group of events (`span`), so that no anomaly is stored twice."""
    return log_cipher.token(keys_of(session).lasting, "anomaly", rule, span)


def _row_of_anomaly(name: str) -> str:
    return f"auditoddity {name}"


def _open_event(row: AuditEvent, context: QueryContext) -> None:
    """Decrypts a loaded event. If decryption fails, the event is loaded, but reading its content raises an error."""
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
