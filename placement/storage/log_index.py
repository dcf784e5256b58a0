"""The index of the audit log. It finds audit events by actor, case and event name, although all three are encrypted.

- The log is divided into blocks of a fixed number of events.
- When a block is full, the index gets a row for each actor, case and event name in the block.
- The row has an encrypted bit mask, which shows the matching events of the block.
- The primary key of the row is a token: an HMAC of the name and the block's number with the log's key.

Without the log's key nobody can link a token to another token or to an event. Only the number of different names in a
block is visible. Events after the last full block are not in the index, so a search decrypts each of them.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, func, select

from placement.crypto import log_cipher
from placement.crypto.log_cipher import DoesNotOpen
from placement.storage import hash_chain, log_buffer, log_contents, log_rows
from placement.storage.log_contents import Written
from placement.tables import AuditEvent, AuditIndex

BLOCK = 1_024
"""The number of audit events in a block."""

_FIRST_CHUNK, _LARGEST_CHUNK = 32, 1_024
"""The numbers of blocks in the first and the largest query of a search. They double, as most searches are for recent
events.
"""

HURRY = "tell the sealer of the log"
_LOOKS, _LOOK_EVERY_SECONDS = 50, 0.01
_AT_ONCE = 1_000
"""The number of audit events that one query reads."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The search criteria; an event must match all that are given. `case`: the event concerns the case, or showed it in
    a list. `about`: true excludes events that only showed the case in a list.
    """

    actor: str | None = None
    case: str | None = None
    about: bool = False
    event: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Only events before this time."""
    after: int = 0
    before: int | None = None
    """Only events with a lower number."""

    @property
    def names(self) -> dict[str, str]:
        given = {"actor": self.actor, "case": self.case, "event": self.event}
        return {kind: value for kind, value in given.items() if value is not None}


def names_in(content: Written) -> set[tuple[str, str]]:
    """Returns the names by which an audit event can be found, each with its kind: actor, event or case."""
    case = content["registration_id"]
    cases = {*([] if case is None else [case]), *content["facts"].get("shown", ())}
    return _names(content["actor"], content["event"], cases)


def _names(actor: str, event: str, cases: Iterable[str]) -> set[tuple[str, str]]:
    return {("actor", actor), ("event", event), *(("case", case) for case in cases)}


def token_of(key: bytes, block: int, kind: str, value: str) -> bytes:
    """Returns the token of a name in a block. `block`: the number of its last event. `key`: the key of that event."""
    return log_cipher.token(key, "index", block, kind, value)


def row_of(key: bytes, block: int, name: tuple[str, str], bits: int) -> dict[str, object]:
    token = token_of(key, block, *name)
    return {"token": token, "line": block, "cipher": log_cipher.seal(key, _row(token), bits.to_bytes(BLOCK // 8))}


def bits_in(key: bytes, token: bytes, cipher: bytes) -> int:
    """Decrypts the bit mask of an index row. Bit 0 is the block's first event. Raises `DoesNotOpen` for a damaged
    row.
    """
    return int.from_bytes(log_cipher.opened(key, _row(token), cipher))


def extend(session: Session, stored: range) -> None:
    """Adds the index rows of each block that these new audit events have filled, sorted by token.

    Leaves out events that cannot be decrypted; `verification.py` reports them.
    """
    for block in range(stored.start + (-stored.start) % BLOCK, stored.stop, BLOCK):
        if block:
            rows = _rows_of(session, block)
            table = SQLModel.metadata.tables["auditindex"]  # a bulk insert, because there are many rows
            session.execute(table.insert(), sorted(rows, key=lambda row: row["token"]))


def find(session: Session, wanted: Wanted, limit: int | None = None) -> list[AuditEvent]:
    """Returns the audit events that match, newest first."""
    wait_for_chain(session)
    found: list[AuditEvent] = []
    for numbers in _candidates(session, wanted, limit):
        for event in _load(session, wanted, numbers):
            if _agrees(event, wanted):
                found.append(event)
                if len(found) == limit:
                    return found
    return found


def wait_for_chain(session: Session) -> None:
    """Waits until the events that wait at present are in the chain and have their numbers. Waits for at most half a
    second: an event that somebody changed in the waiting table never gets into the chain.
    """
    if session.get_bind().dialect.name != "postgresql" or hash_chain.is_locked_by(session):
        return
    last = log_buffer.newest(session)
    if last is None:
        return
    session.info.get(HURRY, lambda: None)()
    for _ in range(_LOOKS):
        if not (first := log_buffer.rows(session, 1)) or first[0].id > last:
            return
        time.sleep(_LOOK_EVERY_SECONDS)


def _candidates(session: Session, wanted: Wanted, limit: int | None) -> Iterator[Sequence[int]]:
    """Yields the numbers of audit events that may match, in portions, newest first."""
    first, last = _bounds(session, wanted)
    if last < first:
        return
    portion = limit or BLOCK
    numbers = _named(session, wanted.names, first, last) if wanted.names else _all(session, wanted, first, last)
    waiting: list[int] = []
    for number in numbers:
        waiting.append(number)
        if len(waiting) == portion:
            yield waiting
            waiting = []
    yield waiting


def _bounds(session: Session, wanted: Wanted) -> tuple[int, int]:
    """Returns the numbers of the first and the last audit event within the search's limits of number and time."""
    last = hash_chain.head(session)[0]
    if wanted.before is not None:
        last = min(last, wanted.before - 1)
    first = wanted.after + 1
    if wanted.since is not None or wanted.until is not None:
        within = select(func.min(AuditEvent.id), func.max(AuditEvent.id)).where(*_in_time(wanted))
        low, high = session.exec(within).one()
        if low is None:
            return 1, 0
        first, last = max(first, low), min(last, high)
    return first, last


def _all(session: Session, wanted: Wanted, first: int, last: int) -> Iterator[int]:
    while first <= last:
        query = select(AuditEvent.id).where(col(AuditEvent.id).between(first, last), *_in_time(wanted))
        portion = session.exec(query.order_by(col(AuditEvent.id).desc()).limit(_AT_ONCE)).all()
        yield from portion
        last = portion[-1] - 1 if portion else 0


def _named(session: Session, names: Mapping[str, str], first: int, last: int) -> Iterator[int]:
    """Yields the numbers of audit events with all these names, newest first."""
    full = hash_chain.head(session)[0] // BLOCK * BLOCK
    yield from _in_the_tail(session, names, max(first, full + 1), last)
    block, chunk = min(full, last + (-last) % BLOCK), _FIRST_CHUNK
    while block >= first:
        blocks = range(block, max(block - chunk * BLOCK, 0), -BLOCK)
        for number in _in_blocks(session, names, [one for one in blocks if one >= first]):
            if first <= number <= last:
                yield number
        block, chunk = block - chunk * BLOCK, min(chunk * 2, _LARGEST_CHUNK)


def _in_the_tail(session: Session, names: Mapping[str, str], first: int, last: int) -> Iterator[int]:
    if first > last:
        return
    for number, content in sorted(_opened(session, first, last), reverse=True, key=lambda one: one[0]):
        if names.items() <= names_in(content):
            yield number


def _in_blocks(session: Session, names: Mapping[str, str], blocks: Sequence[int]) -> Iterator[int]:
    """Yields the numbers of events with all these names. `blocks`: each block's last event, newest first."""
    keys = _keys_of(session, blocks)
    tokens = {
        token_of(key, block, kind, value): (block, key) for block, key in keys.items() for kind, value in names.items()
    }
    hits: dict[int, list[int]] = defaultdict(list)
    query = select(AuditIndex.token, AuditIndex.cipher).where(col(AuditIndex.token).in_(tokens))
    for token, cipher in session.exec(query):
        block, key = tokens[token]
        hits[block].append(bits_in(key, token, cipher))
    for block in blocks:
        if len(hits[block]) == len(names):
            common = hits[block][0]
            for bits in hits[block][1:]:
                common &= bits
            yield from (block - BLOCK + 1 + one for one in range(BLOCK - 1, -1, -1) if common >> one & 1)


def _keys_of(session: Session, blocks: Sequence[int]) -> dict[int, bytes]:
    """Returns the key of each block: the key that its last event names."""
    known = log_rows.keys_of(session)
    query = select(AuditEvent.id, AuditEvent.key).where(col(AuditEvent.id).in_(blocks))
    return {number: known.called(name) for number, name in session.exec(query)}


def _rows_of(session: Session, block: int) -> list[dict[str, object]]:
    bits: dict[tuple[str, str], int] = defaultdict(int)
    for number, content in _opened(session, block - BLOCK + 1, block):
        for name in names_in(content):
            bits[name] |= 1 << (number - block + BLOCK - 1)
    [key] = _keys_of(session, [block]).values()
    return [row_of(key, block, name, found) for name, found in bits.items()]


def _opened(session: Session, first: int, last: int) -> Iterator[tuple[int, Written]]:
    """Yields number and content of these audit events. Leaves out events that cannot be decrypted."""
    known = log_rows.keys_of(session)
    query = select(AuditEvent.id, AuditEvent.key, AuditEvent.cipher).where(col(AuditEvent.id).between(first, last))
    for number, name, cipher in session.exec(query):
        key = known.named(name)
        if key is not None:
            try:
                yield number, log_contents.facts_in(key, number, cipher)
            except DoesNotOpen:
                continue


def _load(session: Session, wanted: Wanted, numbers: Sequence[int]) -> Sequence[AuditEvent]:
    if not numbers:
        return []
    query = select(AuditEvent).where(col(AuditEvent.id).in_(numbers), *_in_time(wanted))
    return session.exec(query.order_by(col(AuditEvent.id).desc())).all()


def _agrees(event: AuditEvent, wanted: Wanted) -> bool:
    """Checks an event against the criteria. Decrypts nothing if the criteria name no actor, case or event."""
    if not wanted.names:
        return True
    content = event.content
    if wanted.about and wanted.case is not None and content.registration_id != wanted.case:
        return False
    return wanted.names.items() <= _names(content.actor, content.event, content.cases)


def _in_time(wanted: Wanted) -> list[ColumnElement[bool]]:
    given = []
    if wanted.since is not None:
        given.append(col(AuditEvent.at) >= wanted.since)
    if wanted.until is not None:
        given.append(col(AuditEvent.at) < wanted.until)
    return given


def _row(token: bytes) -> str:
    return f"auditindex {token.hex()}"
