"""The hash chain of the audit log: each audit event bears a link made with a key from outside the database, over itself
and the event before. Without the key, a change cannot be made to fit the links (docs/decisions/0011).

The key can be replaced: its last audit event names the next key, whose first event follows (docs/guide/audit.md). So
the log itself says which key is in force.

Audit events are gathered during a transaction and stored at its end, so that no transaction waits long for the end of
the chain.
"""

import base64
import binascii
import hmac
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, text
from sqlmodel import Session, col, select

from placement.core.errors import Misconfigured
from placement.tables import AuditEvent, AuditShown

START = ""
"""The link before audit event 1."""

FIELDS = (
    "id", "at", "event", "action", "outcome", "actor", "on_behalf_of", "role", "registration_id", "object_id",
    "address", "protocol", "request_id", "facts",
)  # fmt: skip
"""The input of a link: every column but the link itself."""

KEY_CLOSED, KEY_OPENED, LOG_TRUNCATED = "log:key_closed", "log:key_opened", "log:pruned"
"""Audit events about the log itself: the last of a key, the first of the next, and the start of a truncated log."""

_KEY_BYTES = 32
_GATHERED = "lines of the log"
_LOCK = 7_513  # key of the PostgreSQL advisory lock on the end of the chain


@dataclass
class LogKeys:
    """The keys of the log, the newest first. The old ones verify what was written with them."""

    known: tuple[bytes, ...]
    file: Path | None = None
    """The file that they come from, if any: read again when the log names a key that is not among them."""

    def named(self, name: str) -> bytes | None:
        found = self._find(name)
        if found is None and self.file is not None:
            self.known = keys_of(self.file.read_text())
            found = self._find(name)
        return found

    def at(self, session: Session, event: int | None = None) -> bytes:
        """The key that makes the link of this audit event; without one, of the next.

        Raises `Misconfigured` where the log names a key that is not known.
        """
        query = select(AuditEvent.event, AuditEvent.facts).where(_names_a_key())
        if event is not None:
            query = query.where(AuditEvent.id < event)
        found = session.exec(query.order_by(col(AuditEvent.id).desc()).limit(1)).first()
        return self.first(session) if found is None else self.after(*found)

    def after(self, event: str, facts: Mapping[str, Any]) -> bytes:
        """The key in force after the last audit event that names one."""
        return self.called(facts["next" if event == KEY_CLOSED else "in_force"])

    def first(self, session: Session) -> bytes:
        """The key of the first audit event that there is."""
        pruned = last_truncated(session)
        return self.known[-1] if pruned is None else self.called(pruned["key"])

    def called(self, name: str) -> bytes:
        """The key with this name. Raises `Misconfigured`."""
        found = self.named(name)
        if found is None:
            raise Misconfigured(f"the log goes on with a key named {name}, which is not in PLACEMENT_AUDIT_KEY")
        return found

    def _find(self, name: str) -> bytes | None:
        return next((key for key in self.known if name_of(key) == name), None)


def name_of(key: bytes) -> str:
    """The name of a key in the log; it discloses nothing of the key."""
    return hmac.digest(key, b"the name of a key of the log", "sha256").hex()[:16]


def keys_of(written: str) -> tuple[bytes, ...]:
    """The keys, the newest first, from their base64 text. Raises `Misconfigured` as `key_of` does."""
    return tuple(key_of(one) for one in written.replace(",", " ").split()) or (key_of(""),)


def last_truncated(session: Session) -> Mapping[str, Any] | None:
    """The facts of the last truncation; None where the log begins with audit event 1."""
    query = (
        select(AuditEvent.facts).where(AuditEvent.event == LOG_TRUNCATED).order_by(col(AuditEvent.id).desc()).limit(1)
    )
    return session.exec(query).first()


def key_of(written: str) -> bytes:
    """The key, from its base64 text. Raises `Misconfigured` when there is none, or it is not 32 bytes."""
    if not written:
        raise Misconfigured("there is no key for the log: set PLACEMENT_AUDIT_KEY, or run `placement keys new`")
    try:
        key = base64.b64decode(written, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise Misconfigured("the key for the log (PLACEMENT_AUDIT_KEY) is not 32 bytes (44 characters of base64)")
    return key


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def new_key_file(var: Path) -> Path:
    """Makes a random key in `var/keys/audit.key`, readable by its owner only; leaves an existing file alone."""
    file = var / "keys" / "audit.key"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(new_key() + "\n")
    return file


def gather(session: Session, event: AuditEvent) -> None:
    """Gathers an audit event: it is stored when the transaction is committed, and not at all otherwise."""
    session.info.setdefault(_GATHERED, []).append(event)


def gathered(session: Session) -> list[AuditEvent]:
    """The audit events of this transaction so far, in order; not stored yet."""
    found: list[AuditEvent] = session.info.get(_GATHERED, [])
    return found


def withdraw(session: Session, events: Sequence[AuditEvent]) -> None:
    """Takes gathered audit events back, for one that says the same in their place."""
    session.info[_GATHERED] = [event for event in gathered(session) if not any(event is one for one in events)]


def store(session: Session, keys: LogKeys) -> None:
    """Adds the gathered audit events to the end of the chain: the last step of a transaction before it commits.

    On PostgreSQL under a lock that lasts until the commit, and after every other lock, so that no holder of it waits
    for another transaction. SQLite has one writer at a time. Raises `OperationalError` when it waits too long for the
    log.
    """
    events = session.info.pop(_GATHERED, [])
    if not events:
        return
    session.flush()
    lock(session)
    number, link, key = _end(session, keys)
    for event in events:
        number += 1
        event.id = number
        event.link = link = link_after(link, _fields(event), key)
        session.add(event)
        if event.event == KEY_CLOSED:
            key = keys.called(event.facts["next"])
    session.flush()
    session.add_all(
        AuditShown(registration_id=shown, line=event.id) for event in events for shown in event.facts.get("shown", ())
    )
    session.flush()


def lock(session: Session) -> None:
    """Locks the end of the log until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def head(session: Session) -> tuple[int, str]:
    """Number and link of the last audit event; 0 and the start where there is none."""
    query = select(AuditEvent.id, AuditEvent.link).order_by(col(AuditEvent.id).desc()).limit(1)
    found = session.exec(query).first()
    return (found[0], found[1]) if found else (0, START)


def _names_a_key() -> ColumnElement[bool]:
    return col(AuditEvent.event).in_([KEY_CLOSED, LOG_TRUNCATED])


_LAST_AND_NAMING = (
    select(AuditEvent.id, AuditEvent.link, AuditEvent.event, AuditEvent.facts)
    .where(
        col(AuditEvent.id).in_(
            [
                select(func.max(AuditEvent.id)).scalar_subquery(),
                select(func.max(AuditEvent.id)).where(_names_a_key()).scalar_subquery(),
            ]
        )
    )
    .order_by(col(AuditEvent.id).desc())
)
"""The last audit event, and the last that names a key: made once, as every transaction with audit events asks it."""


def _end(session: Session, keys: LogKeys) -> tuple[int, str, bytes]:
    """`head`, and the key of the next link, in one statement.

    Where no audit event names a key the log is neither truncated nor has it had another key than its first.
    """
    rows = session.exec(_LAST_AND_NAMING).all()
    if not rows:
        return 0, START, keys.known[-1]
    number, link, *_ = rows[0]
    _, _, event, facts = rows[-1]
    return number, link, keys.after(event, facts) if event in {KEY_CLOSED, LOG_TRUNCATED} else keys.known[-1]


def link_after(link: str, event: Mapping[str, Any], key: bytes) -> str:
    """The link of an audit event that follows one with this link."""
    return hmac.digest(key, f"{link}\n{written(event)}".encode(), "sha256").hex()


def written(event: Mapping[str, Any]) -> str:
    """The canonical form of an audit event that links are made over: JSON of its fields by name, its moment in UTC to
    the µs.
    """
    at: datetime = event["at"]
    fields = {name: event[name] for name in FIELDS}
    fields["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def fits(session: Session, keys: LogKeys) -> bool:
    """Whether the key in force made the last link; true for an empty log, false where the link cannot be read."""
    query = select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(2)
    try:
        last = list(session.exec(query))
        before = last[1].link if len(last) > 1 else START
        return not last or link_after(before, _fields(last[0]), keys.at(session)) == last[0].link
    except (LookupError, TypeError, ValueError):
        return False


def _fields(event: AuditEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in FIELDS}
