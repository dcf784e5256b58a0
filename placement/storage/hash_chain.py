"""The hash chain of the audit log. The link (hash) of each audit event is made with a key from outside the database,
from the event and the previous link. Without the key, a changed event cannot get a matching link (docs/decisions/0011).

The content of an event is sealed with a key derived from the same key (`log_contents.py`). The chain covers the stored
form, so it can be verified without decrypting contents. The log itself names its present key (`log_keys.py`).

Audit events are gathered during a transaction and stored at its end. SQLite has one writer at a time, so they are
chained there at once. On PostgreSQL they are first stored beside the chain (`log_buffer.py`), so that no transaction
waits for another. Afterwards one process at a time adds them to the chain (`log_sealer.py`).
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
"""The link before audit event 1."""

STORED = ("id", "at", "key", "cipher", "link")
"""The columns of an audit event. The link is computed from all other columns."""

LOG_TRUNCATED = "log:pruned"
"""The audit event with which a truncated log begins."""

ROWS_CHANGED = "rows:changed"
"""The audit event that is added to a transaction that changed sealed rows without an audit event."""

LOG_RESEALED = "log:resealed"
"""The event of the migration (0.1.0) that sealed the contents. `through` and `link` name the end of the former log."""

CHANGED = "placement_changed"
"""The channel on which PostgreSQL announces that a change was stored (`change_signal.py`)."""
_READING = frozenset({Action.READ, Action.SEARCH, Action.EXPORT})

name_of = log_cipher.name_of

_GATHERED = "lines of the log"
_LOCKED = "has the end of the log locked"
_END = "end of the log after this transaction"
_STATED = "what the watcher states after this transaction"
AT_ONCE = "lines of this transaction go into the chain"
_LOCK = 7_513  # key of the PostgreSQL advisory lock on the end of the chain
_STORING = 7_514
"""A second lock, which can be shared. Each transaction holds it from the storing of its events until its commit."""
_AT_ONCE = 1_000
_OF_THE_LOG = frozenset({KEY_CLOSED, KEY_OPENED, LOG_TRUNCATED})

_NEWEST_KEY = "SELECT key FROM auditevent ORDER BY id DESC LIMIT 1"
_KEY_IN_FORCE = f"SELECT pg_advisory_xact_lock_shared({_STORING}); {_NEWEST_KEY}"
"""Two statements, sent together for speed. The second sees everything that was stored before the first got the lock."""


def last_truncated(session: Session, keys: LogKeys) -> Truncated | None:
    """Returns the facts of the last truncation, or `None` if the log begins with audit event 1.

    Raises `DoesNotOpen` if its audit event is missing or does not match.
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
    """Gathers an audit event, which is stored only if the transaction is committed."""
    session.info.setdefault(_GATHERED, []).append(event)


def gathered(session: Session) -> list[AuditEvent]:
    """Returns the audit events that this transaction has gathered so far, in order. They are not stored yet."""
    found: list[AuditEvent] = session.info.get(_GATHERED, [])
    return found


def withdraw(session: Session, events: Sequence[AuditEvent]) -> None:
    """Withdraws gathered audit events, so that a single event with the same content can replace them."""
    session.info[_GATHERED] = [event for event in gathered(session) if not any(event is one for one in events)]


def store(session: Session, keys: LogKeys) -> range:
    """Stores the gathered audit events, as the last step of a transaction before its commit. The last event states the
    changes of sealed rows (`row_ledger.py`). Returns the numbers of the events that were put into the chain.

    On PostgreSQL the events are stored beside the chain. Exceptions are the first event and events about the log
    itself. Raises `OperationalError` if the log is locked for too long.
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
    """Returns the key with which these events are stored beside the chain. Returns `None` if they must be put into the
    chain at once: on SQLite, in an empty log, or if they change the key or the sum of rows.
    """
    at_once = session.info.get(AT_ONCE) or row_ledger.is_restated(session)
    if not _is_postgresql(session) or at_once or any(event.event in _OF_THE_LOG for event in events):
        return None
    with session.connection().exec_driver_sql(_KEY_IN_FORCE) as found:  # the lock lasts until the commit
        newest = found.cursor.fetchone() if found.cursor and found.cursor.nextset() else None
    return None if newest is None else keys.called(newest[0])


def seal(session: Session, keys: LogKeys) -> range:
    """Moves the events beside the chain into the chain, in order and under its lock. Returns their numbers. An event
    that was changed in the database after it was stored stays beside the chain, and `verification.py` reports it.
    """
    portion = log_buffer.rows(session, _AT_ONCE) if _is_postgresql(session) else []
    if not portion:
        return range(0)
    before, link, key, rows = _end(session, keys)
    watch_of(session.get_bind().dialect).follow(session, keys, Mark(before, link))
    if rows is None:  # the last event in the chain was made before rows were sealed
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
    """Registers a function to call after the commit. It gets the watcher and, if known, the end of the log."""
    session.info[_STATED] = state


def note_end(session: Session, keys: LogKeys) -> None:
    """Records the last line of the log in the key store after the commit."""
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
    """Locks the end of the log until this transaction ends. `alone`: other transactions may not store events."""
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
    """Returns the end of the log (the last event in the chain, and the events beside it) and its statement on the
    sealed rows. An old log has no statement. Raises `Misconfigured` if the log cannot be read.
    """
    number, _, key, rows = _end(session, keys)
    beside = log_buffer.rows(session)
    for line in beside:
        content = log_buffer.content_of(line, key)
        if rows is not None and content is not None:
            rows = row_ledger.carried_on(rows, content.get(row_ledger.ROWS, {}))
    return (number, *(line.id for line in beside)), rows


def seal_tables_anew(session: Session, tables: Iterable[str]) -> None:
    """Seals the rows of these tables after a migration changed them, and states the new sum."""
    for kind in (row_seals.sealed_tables()[table] for table in tables):
        for page in row_seals.pages(session, kind):
            row_seals.seal_anew(session, kind, [row_seals.name_in(kind, row) for row in page])
        row_ledger.restate(session)


def require_event(session: Session) -> None:
    """Gathers an audit event if this transaction changes sealed rows without an audit event. Not needed in an empty
    log, whose first event states every row.
    """
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
    """Returns, with one query, the number and link of the last event, the key of the next link, and the last statement
    on sealed rows. Raises `Misconfigured` if the last event cannot be read.
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
    """Returns the link of an audit event, computed from the link before it and the event's stored columns. Its moment
    is in UTC, to the microsecond.
    """
    at: datetime = event["at"]
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    stored = f"{link}\n{event['id']}\n{moment}\n{event['key']}\n".encode() + event["cipher"]
    return hmac.digest(key, stored, "sha256").hex()


def former_link_after(link: str, event: Mapping[str, object], key: bytes) -> str:
    """Returns the former link of an audit event, which was computed from the JSON of its fields by name."""
    at = cast("datetime", event["at"])
    fields = {name: event[name] for name in ("id", *log_contents.FIELDS)}
    fields["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    written = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.digest(key, f"{link}\n{written}".encode(), "sha256").hex()


def fits(session: Session, keys: LogKeys) -> bool:
    """Checks the key that the last audit event names. It must be known, have made the event's link, and decrypt the
    event. Returns true for an empty log, and false if the event cannot be read.
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
