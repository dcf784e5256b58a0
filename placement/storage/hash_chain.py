"""The hash chain of the audit log. The link of an audit event is an HMAC of the event and of the previous link
(docs/decisions/0011). The key of the HMAC is outside the database, so a changed event cannot get a valid link.

The content of an event is encrypted with a key derived from the log's key (`log_contents.py`). The chain covers the
encrypted form, so verification decrypts nothing. Each event names the key that it was made with (`log_keys.py`).

Audit events are collected during a transaction and stored at its end. SQLite has one writer at a time, so the events go
directly into the chain. On PostgreSQL they are first stored in a waiting table (`log_buffer.py`), so that no
transaction waits for another. Later one process at a time moves them into the chain (`log_sealer.py`).
"""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import text
from sqlmodel import Session, SQLModel, col, select

from placement.core import clock
from placement.core.codes import Action, Outcome, Protocol
from placement.core.context import SYSTEM, Origin
from placement.core.errors import Misconfigured
from placement.crypto import log_cipher
from placement.crypto.log_cipher import DoesNotOpen
from placement.storage import log_buffer, log_contents, row_ledger, row_seals
from placement.storage.log_contents import RowsStated, StoredEvent, Truncated
from placement.storage.log_keys import KEY_CLOSED, KEY_OPENED, LogKeys
from placement.storage.watch import Mark, Watch, watch_of
from placement.tables import AuditEvent, AuditTruncation
from placement.tables.audit import AuditContent

START = ""
"""The link that precedes audit event 1."""

STORED = ("id", "at", "key", "cipher", "link")
"""The columns of an audit event. The link is computed from the other columns."""

LOG_TRUNCATED = "log:pruned"
"""The name of the audit event that records a truncation."""

ROWS_CHANGED = "rows:changed"
"""The name of the audit event that is added if a transaction changes sealed rows but has no audit event."""

LOG_RESEALED = "log:resealed"
"""The event of the migration (0.1.0) that sealed the contents. `through` and `link` name the end of the former log."""

CHANGED = "placement_changed"
"""The PostgreSQL channel (`NOTIFY`) that announces a stored change (`change_signal.py`)."""
_READING = frozenset({Action.READ, Action.SEARCH, Action.EXPORT})

name_of = log_cipher.name_of

_GATHERED = "lines of the log"
_LOCKED = "has the end of the log locked"
_END = "end of the log after this transaction"
_STATED = "what the watcher states after this transaction"
AT_ONCE = "lines of this transaction go into the chain"
_LOCK = 7_513  # key of the PostgreSQL advisory lock on the end of the chain
_STORING = 7_514
"""The key of a second, shared advisory lock. A transaction holds it from the storing of its events until its commit."""
_AT_ONCE = 1_000
_OF_THE_LOG = frozenset({KEY_CLOSED, KEY_OPENED, LOG_TRUNCATED})

_NEWEST_KEY = "SELECT key FROM auditevent ORDER BY id DESC LIMIT 1"
_KEY_IN_FORCE = f"SELECT pg_advisory_xact_lock_shared({_STORING}); {_NEWEST_KEY}"
"""Two statements, sent together for speed: take the shared lock, then read the key of the newest event. The second
statement sees everything that was committed before the lock was taken.
"""


def last_truncated(session: Session, keys: LogKeys) -> Truncated | None:
    """Returns the facts of the last truncation, or `None` if the log was never truncated.

    Raises `DoesNotOpen` if the audit event of the truncation is missing or does not match.
    """
    said = session.exec(select(AuditTruncation).order_by(col(AuditTruncation.line).desc()).limit(1)).first()
    if said is None:
        return None
    found = session.exec(select(AuditEvent.key, AuditEvent.cipher).where(AuditEvent.id == said.line)).first()
    content = log_contents.facts_in(keys.called(found[0]), said.line, found[1]) if found else {}
    if content.get("event") != LOG_TRUNCATED or content["facts"]["through"] != said.through:
        raise DoesNotOpen(f"what audit event {said.line} says of a truncation")
    return cast("Truncated", content["facts"])


def gather(session: Session, event: AuditEvent) -> None:
    """Adds an audit event to this transaction. It is stored when the transaction commits."""
    session.info.setdefault(_GATHERED, []).append(event)


def gathered(session: Session) -> list[AuditEvent]:
    """Returns the audit events of this transaction that are not stored yet, in order."""
    found: list[AuditEvent] = session.info.get(_GATHERED, [])
    return found


def withdraw(session: Session, events: Sequence[AuditEvent]) -> None:
    """Removes events that are not stored yet, so that the caller can replace them by a single event."""
    session.info[_GATHERED] = [event for event in gathered(session) if not any(event is one for one in events)]


def store(session: Session, keys: LogKeys) -> range:
    """Stores the collected audit events, as the last step before a commit. The last event also lists the sealed rows
    that the transaction changed (`row_ledger.py`). Returns the numbers of the events that were put into the chain.

    On PostgreSQL most events are stored in the waiting table instead; they get their numbers later. Raises
    `OperationalError` if the log is locked for too long.
    """
    events = session.info.pop(_GATHERED, [])
    if not events:
        return range(0)
    session.flush()
    key = _key_in_force(session, keys, events)
    if key is not None:
        log_buffer.put(session, keys.lanes, key, events, {row_ledger.ROWS: row_ledger.change_of(session)})
        return range(0)
    lock(session)
    sealed = seal(session, keys)
    before, link, key, rows = _end(session, keys)
    watch_of(session.get_bind().dialect).follow(session, keys, Mark(before, link))
    rows = row_ledger.statement(session, rows)
    for number, event in enumerate(events, before + 1):
        event.id, event.key = number, name_of(key)
        beside: dict[str, object] = {row_ledger.ROWS: rows} if event is events[-1] else {}
        event.cipher = log_contents.seal_facts(key, number, log_contents.written_form(event.content) | beside)
        columns = cast("StoredEvent", {name: getattr(event, name) for name in STORED[:-1]})
        event.link = link = link_after(link, columns, key)
        session.add(event)
        if event.event == KEY_CLOSED:
            key = keys.called(event.facts["next"])
        if event.event == LOG_TRUNCATED:
            session.add(AuditTruncation(line=number, through=event.facts["through"]))
    session.flush()
    session.info[_END] = Mark(before + len(events), link)
    if any(event.action not in _READING for event in events):
        _tell_change(session)
    return range((sealed or range(before + 1, 0)).start, before + 1 + len(events))


def _key_in_force(session: Session, keys: LogKeys, events: Sequence[AuditEvent]) -> bytes | None:
    """Returns the log's newest key if the events can go into the waiting table. Returns `None` if they go directly into
    the chain: on SQLite, in an empty log, or if they change the log's key, truncate the log or restate the sum of rows.
    """
    at_once = session.info.get(AT_ONCE) or row_ledger.is_restated(session)
    if not _is_postgresql(session) or at_once or any(event.event in _OF_THE_LOG for event in events):
        return None
    with session.connection().exec_driver_sql(_KEY_IN_FORCE) as found:  # the lock lasts until the commit
        newest = found.cursor.fetchone() if found.cursor and found.cursor.nextset() else None
    return None if newest is None else keys.called(newest[0])


def seal(session: Session, keys: LogKeys) -> range:
    """Moves the waiting events into the chain, in order. Returns their new numbers. Must be called under the lock of
    the chain. An event that somebody changed in the waiting table stays there, and `verification.py` reports it.
    """
    portion = log_buffer.rows(session, _AT_ONCE) if _is_postgresql(session) else []
    if not portion:
        return range(0)
    before, link, key, rows = _end(session, keys)
    watch_of(session.get_bind().dialect).follow(session, keys, Mark(before, link))
    if rows is None:  # the last event in the chain is older than the seals of rows
        lock(session)
        beside = (log_buffer.content_of(line, key) or {} for line in log_buffer.rows(session))
        rows = row_ledger.before(session, [content.get(row_ledger.ROWS, {}) for content in beside])
    number, refused, is_change = before, list[int](), False
    while portion:
        made, done = [], []
        for line in portion:
            content = log_buffer.content_of(line, key)
            if content is None:
                refused.append(line.id)
                continue
            number += 1
            content[row_ledger.ROWS] = rows = row_ledger.carried_on(rows, content.get(row_ledger.ROWS, {}))
            cipher = log_contents.seal_facts(key, number, content)
            event: StoredEvent = {"id": number, "at": line.at, "key": line.key, "cipher": cipher, "link": ""}
            event["link"] = link = link_after(link, event, key)
            made.append(event)
            done.append(line.id)
            is_change = is_change or content["action"] not in _READING
        if made:
            session.connection().execute(SQLModel.metadata.tables["auditevent"].insert(), made)
            log_buffer.remove(session, done)
        portion = log_buffer.rows(session, _AT_ONCE, without=refused) if len(portion) == _AT_ONCE else []
    if is_change:
        _tell_change(session)
    session.info[_END] = Mark(number, link)
    return range(before + 1, number + 1)


def after_commit(session: Session, state: Callable[[Watch, LogKeys, Mark | None], None]) -> None:
    """Registers a function to call after the commit. It gets the watcher, the keys, and the log's new end (if any)."""
    session.info[_STATED] = state


def note_end(session: Session, keys: LogKeys) -> None:
    """Writes the mark of the last event into the key store after a commit. Calls the function of `after_commit`."""
    end, state = session.info.pop(_END, None), session.info.pop(_STATED, None)
    if end is not None:
        watch_of(session.get_bind().dialect).note(keys, end)
    if state is not None:
        state(watch_of(session.get_bind().dialect), keys, end)


def _tell_change(session: Session) -> None:
    if _is_postgresql(session):
        session.execute(text(f"NOTIFY {CHANGED}"))  # delivered at the commit, without content


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def lock(session: Session, *, alone: bool = True) -> None:
    """Locks the end of the log until the transaction ends. `alone`: true if no other transaction may store events."""
    session.info[_LOCKED] = True
    if _is_postgresql(session):
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        if alone:
            session.execute(text(f"SELECT pg_advisory_xact_lock({_STORING})"))


def is_locked_by(session: Session) -> bool:
    return _LOCKED in session.info


def head(session: Session) -> tuple[int, str]:
    """Returns the number and the link of the last audit event. For an empty log, returns 0 and `START`."""
    query = select(AuditEvent.id, AuditEvent.link).order_by(col(AuditEvent.id).desc()).limit(1)
    return session.exec(query).first() or (0, START)


def rows_at_head(session: Session, keys: LogKeys) -> tuple[tuple[int, ...], RowsStated | None]:
    """Returns the ids of the last event in the chain and of all waiting events. Also returns the statement about sealed
    rows after these events (`None` in an old log). Raises `Misconfigured` if the log cannot be read.
    """
    number, _, key, rows = _end(session, keys)
    beside = log_buffer.rows(session)
    for line in beside:
        content = log_buffer.content_of(line, key)
        if rows is not None and content is not None:
            rows = row_ledger.carried_on(rows, content.get(row_ledger.ROWS, {}))
    return (number, *(line.id for line in beside)), rows


def seal_tables_anew(session: Session, tables: Iterable[str]) -> None:
    """Seals all rows of these tables again after a migration changed them. The log then states a new sum of rows."""
    for kind in (row_seals.sealed_tables()[table] for table in tables):
        for page in row_seals.pages(session, kind):
            row_seals.seal_anew(session, kind, [row_seals.name_in(kind, row) for row in page])
        row_ledger.restate(session)


def require_event(session: Session) -> None:
    """Adds an audit event if this transaction changes sealed rows without an event. Does nothing in an empty log."""
    if not gathered(session) and row_ledger.has_something_to_say(session) and head(session)[0]:
        content = AuditContent(
            event=ROWS_CHANGED,
            action=Action.CHANGE,
            outcome=Outcome.DONE,
            actor=SYSTEM.id,
            on_behalf_of=None,
            role=SYSTEM.role,
            registration_id=None,
            object_id=None,
            address=Origin().address,
            protocol=Protocol.SYSTEM,
            request_id=Origin().request_id,
            facts={},
        )
        gather(session, AuditEvent(at=clock.now()).show(content))


def _end(session: Session, keys: LogKeys) -> tuple[int, str, bytes, RowsStated | None]:
    """Returns number and link of the last event, the key for the next link, and the last statement about sealed rows.
    Raises `Misconfigured` if the last event cannot be read.
    """
    columns = select(AuditEvent.id, AuditEvent.link, AuditEvent.key, AuditEvent.cipher)
    found = session.exec(columns.order_by(col(AuditEvent.id).desc()).limit(1)).first()
    if found is None:
        return 0, START, keys.known[-1], None
    number, link, name, cipher = found
    try:
        content = log_contents.facts_in(keys.called(name), number, cipher)
        return number, link, keys.next_of(name, content), content.get(row_ledger.ROWS)
    except DoesNotOpen as wrong:
        raise Misconfigured(
            "the last line of the log does not open with its key: see PLACEMENT_AUDIT_KEY, and run `placement audit "
            "verify`"
        ) from wrong


def link_after(link: str, event: StoredEvent, key: bytes) -> str:
    """Returns an event's link: an HMAC of the previous link and the columns. The time is in UTC with microseconds."""
    at: datetime = event["at"]
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    stored = f"{link}\n{event['id']}\n{moment}\n{event['key']}\n".encode() + event["cipher"]
    return hmac.digest(key, stored, "sha256").hex()


def former_link_after(link: str, event: Mapping[str, object], key: bytes) -> str:
    """Returns the link of an event of the former format, in which contents were not encrypted. `event`: its fields."""
    at = cast("datetime", event["at"])
    fields = {name: event[name] for name in ("id", *log_contents.FIELDS)}
    fields["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    written = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.digest(key, f"{link}\n{written}".encode(), "sha256").hex()


def fits(session: Session, keys: LogKeys) -> bool:
    """Checks that the key of the last audit event is known, and that it made the event's link and decrypts the event.
    An empty log fits every key.
    """
    query = select(*(col(getattr(AuditEvent, name)) for name in STORED)).order_by(col(AuditEvent.id).desc()).limit(2)
    try:
        last = [cast("StoredEvent", dict(zip(STORED, row, strict=True))) for row in session.execute(query)]
        if not last:
            return True
        key = keys.named(last[0]["key"])
        if key is None:
            return False
        before = last[1]["link"] if len(last) > 1 else START
        log_contents.facts_in(key, last[0]["id"], last[0]["cipher"])
        return bool(link_after(before, last[0], key) == last[0]["link"])
    except (LookupError, TypeError, ValueError):
        return False
