"""Checks of the audit log, and of rows that give access. They verify only the newest events; `placement audit verify`
verifies all events.
"""

from collections.abc import Generator, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from placement.audit import row_check, verification
from placement.audit.verification import Head
from placement.audit.watcher import LATE_AFTER_SECONDS
from placement.core import clock
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.doctor.findings import Finding, Found, Level
from placement.outbox import log_shipping
from placement.storage import hash_chain, log_buffer
from placement.storage.database import Database
from placement.storage.watch import Mark, lost_of, watch_of
from placement.tables import AuditEvent

_HEAD_EVERY = timedelta(hours=2)
"""If the newest stored head (number and hash of the last event) is older than this, no head is written any more."""
_SEALED_WITHIN = timedelta(minutes=1)
"""If an event is older than this and not sealed, no service is running (assumed). Sealing takes less than a second."""
_SENT_WITHIN = timedelta(minutes=5)
"""If an event is older than this, the syslog receiver should have it (assumed). Sending takes seconds."""
_CHECKED_WITHIN = timedelta(seconds=LATE_AFTER_SECONDS)
_NEWEST = 2_000
"""The number of newest events that are verified. Verifying them is assumed to take less than a second."""
_MOST_NAMED = 3

_TRIGGERS = {
    "sqlite": (
        {"auditevent_is_append_only_update", "auditevent_is_append_only_delete"},
        text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'auditevent'"),
    ),
    "postgresql": (
        {"auditevent_is_append_only", "auditevent_begins_later"},
        text("SELECT tgname FROM pg_trigger WHERE tgrelid = 'auditevent'::regclass AND tgenabled IN ('O', 'A')"),
    ),
}
"""The triggers that prevent changes of stored events, and the query that lists triggers, by kind of database."""


def foreign_key(session: Session, database: Database) -> Finding | None:
    """Returns a finding if the key of the log belongs to another log, so that nothing can be decrypted."""
    last = session.exec(select(AuditEvent.id, AuditEvent.key).order_by(col(AuditEvent.id).desc()).limit(1)).first()
    if last is None or database.audit_keys.named(last[1]) is not None:
        return None
    return Finding(Found.LOG_OTHER_KEY, {"line": last[0], "key": last[1]})


def log(act: Act, database: Database) -> Generator[Finding, None, bool]:
    """Yields findings about the log. Returns true if the end of the log matches its key and the stored heads, so that
    the newest events can be verified.
    """
    guards, query = _TRIGGERS[database.engine.dialect.name]
    if guards - set(act.session.scalars(query)):
        yield Finding(Found.LOG_UNGUARDED)
    oldest = log_buffer.oldest(act.session)
    if oldest is not None and clock.now() - oldest > _SEALED_WITHIN:
        yield Finding(Found.LOG_UNSEALED, {"at": oldest.isoformat(timespec="seconds")})
    number, _ = hash_chain.head(act.session)
    if not hash_chain.fits(act.session, database.audit_keys):
        yield Finding(Found.LOG_CHANGED, {"line": number, "why": "changed"})
        return False
    states = watch_of(database.engine.dialect).states(database.audit_keys)
    if (lost := lost_of(act.session, states, Mark(*hash_chain.head(act.session)))) is not None:
        yield Finding(Found.LOG_PUT_BACK, {"line": lost.line})
    wrong = _against_head(act, number)
    yield from [wrong] if wrong else ()
    return wrong is None or wrong.found.level is Level.WARNING


def _against_head(act: Act, number: int) -> Finding | None:
    file = str(act.settings.audit_heads)
    try:
        heads = verification.read_heads(act.settings.audit_heads)
    except Misconfigured:
        return Finding(Found.LOG_HEADS_TORN, {"file": file})
    if not heads:
        return Finding(Found.LOG_HEADS_GONE, {"file": file})
    last = heads[-1]
    if last.line > number:
        return Finding(Found.LOG_CUT_OFF, {"line": number, "head": last.line})
    if last.line and _link(act.session, last.line) not in {last.link, None}:  # `None`: the line was truncated since
        return Finding(Found.LOG_OTHER, {"line": last.line})
    if clock.now() - datetime.fromisoformat(last.at) > _HEAD_EVERY:
        return Finding(Found.LOG_NO_HEAD, {"file": file, "at": last.at})
    return None


def shipping(act: Act, database: Database) -> Iterator[Finding]:
    """Yields a finding if audit events wait for the syslog receiver."""
    if act.settings.syslog is None:
        return
    waits = log_shipping.backlog(act.session, database)
    if waits.since is not None and clock.now() - waits.since > _SENT_WITHIN:
        at = waits.since.isoformat(timespec="seconds")
        yield Finding(Found.LOG_NOT_SENT, {"count": waits.count, "at": at, "server": act.settings.syslog.host})


def newest_lines(database: Database, heads: Sequence[Head]) -> Finding:
    """Verifies the newest events, and returns the finding. It states which events were not verified, and whether events
    followed the last head.
    """
    with database.transaction() as session:
        number, _ = hash_chain.head(session)
    found = verification.verify(database, heads, max(1, number - _NEWEST + 1))
    if found.first_bad is not None:
        return Finding(Found.LOG_CHANGED, {"line": found.first_bad, "why": found.why})
    last = heads[-1] if heads else Head(0, "", "-")
    start = found.through + 1 - found.lines
    return Finding(Found.LOG_WELL, {"start": start, "line": found.through, "head": last.line, "at": last.at})


def rows(session: Session, *, ends_well: bool) -> Iterator[Finding]:
    """Checks the seals of all sealed rows. `ends_well`: true if the end of the log is intact. If all seals are valid,
    the sum of the rows is then also compared with the log.
    """
    broken = row_check.broken_rows(session)
    if broken:
        named = ", ".join(broken[:_MOST_NAMED])
        yield Finding(Found.ROWS_CHANGED, {"count": len(broken), "rows": named})
    elif ends_well and row_check.difference(session):
        yield Finding(Found.ROWS_DIFFER)
    else:
        yield Finding(Found.ROWS_WELL)


def check(database: Database) -> Iterator[Finding]:
    """Yields a finding if no process of the service has checked the rows and the log recently."""
    at = watch_of(database.engine.dialect).newest(database.audit_keys).check.at
    if not at or clock.now() - datetime.fromisoformat(at) > _CHECKED_WITHIN:
        yield Finding(Found.CHECK_LATE, {"at": at or "-"})


def _link(session: Session, line: int) -> str | None:
    return session.exec(select(AuditEvent.link).where(col(AuditEvent.id) == line)).first()
