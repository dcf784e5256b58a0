"""The chain of the log: each line bears a link made with a key from outside the database, over itself and the line
before. Whoever changes a line and has not the key cannot make the links fit again (docs/decisions/0011).

Lines are gathered during a transaction and stored at its end, so that nobody waits long for the end of the chain.
"""

import base64
import binascii
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from placement.errors import Misconfigured
from placement.tables import AuditEvent, AuditShown

START = ""
"""The link before line 1."""

FIELDS = (
    "id", "at", "event", "action", "outcome", "actor", "on_behalf_of", "role", "registration_id", "object_id",
    "address", "protocol", "request_id", "facts",
)  # fmt: skip
"""What a link is made over: every column but the link itself."""

_KEY_BYTES = 32
_GATHERED = "lines of the log"
_LOCK = 7_513  # of PostgreSQL's advisory locks: the end of the chain


def key_of(written: str) -> bytes:
    """The key, from its letters. Raises `Misconfigured` when there is none, or it is not 32 bytes of base64."""
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


def gather(session: Session, line: AuditEvent) -> None:
    """The line is stored when the transaction ends well, and not at all otherwise."""
    session.info.setdefault(_GATHERED, []).append(line)


def gathered(session: Session) -> list[AuditEvent]:
    """The lines of this transaction so far, in order; not stored yet."""
    found: list[AuditEvent] = session.info.get(_GATHERED, [])
    return found


def store(session: Session, key: bytes) -> None:
    """Adds what was gathered to the end of the chain: the last thing that a transaction does before it commits.

    On PostgreSQL under a lock that lasts until the commit, and after every other lock, so that nobody who holds it
    waits for anybody. SQLite has one writer at a time. Raises `OperationalError` when it waits too long for the log.
    """
    lines = session.info.pop(_GATHERED, [])
    if not lines:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    number, link = head(session)
    for line in lines:
        number += 1
        line.id = number
        line.link = link = link_after(link, _fields(line), key)
        session.add(line)
    session.flush()
    session.add_all(
        AuditShown(registration_id=shown, line=line.id) for line in lines for shown in line.facts.get("shown", ())
    )
    session.flush()


def head(session: Session) -> tuple[int, str]:
    """Number and link of the last line; 0 and the start where there is none."""
    query = select(AuditEvent.id, AuditEvent.link).order_by(col(AuditEvent.id).desc()).limit(1)
    found = session.exec(query).first()
    return (found[0], found[1]) if found else (0, START)


def link_after(link: str, line: Mapping[str, Any], key: bytes) -> str:
    """The link of a line that follows one with this link."""
    return hmac.digest(key, f"{link}\n{written(line)}".encode(), "sha256").hex()


def written(line: Mapping[str, Any]) -> str:
    """A line in the one form that links are made over: JSON of its fields by name, its moment in UTC to the µs."""
    at: datetime = line["at"]
    fields = {name: line[name] for name in FIELDS}
    fields["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def fits(session: Session, key: bytes) -> bool:
    """Whether this key made the link of the last line; true where there is no line, false where it cannot be read."""
    query = select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(2)
    try:
        last = list(session.exec(query))
        before = last[1].link if len(last) > 1 else START
        return not last or link_after(before, _fields(last[0]), key) == last[0].link
    except (LookupError, TypeError, ValueError):
        return False


def _fields(line: AuditEvent) -> dict[str, Any]:
    return {name: getattr(line, name) for name in FIELDS}
