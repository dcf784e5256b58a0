"""The verification of the audit log. It computes every link of the hash chain again, and compares the log with stored
heads.

The links show if an event was changed, inserted, moved, or deleted in the middle. A deletion at the end shows only in a
comparison with heads: a job writes the number and link of the last event to a file each hour (`Settings.audit_heads`).
Events that wait for the chain are checked by their numbers (`log_buffer_check.py`).
"""

import errno
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from sqlmodel import Session, SQLModel, func, select

from placement.audit.log_buffer_check import LaneCheck
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.crypto.log_cipher import DoesNotOpen
from placement.storage import hash_chain, log_buffer, log_contents, log_index, log_keys, row_ledger
from placement.storage.database import Database
from placement.storage.log_buffer import Line
from placement.storage.log_contents import StoredEvent, Written
from placement.storage.log_keys import LogKeys
from placement.tables import AuditEvent, AuditIndex, AuditTruncation

_AT_ONCE = 5_000
"""How many audit events one transaction reads. The transaction is short, because writers on SQLite wait for it."""

_BEGIN = '{"line": '
"""How each line in the file of heads begins."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head of the log: the number and link of the last audit event at some time."""

    line: int
    link: str
    at: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of a verification.

    - `first_bad`, `why`: the number of the first faulty event, and the fault; `None` if the log is intact
    - `stated`: the last recorded mark (`row_ledger.mark_of`) of each sealed row
    - `through`: the last event that was read
    - `unsealed`: how many events wait for the chain
    """

    lines: int
    heads: int
    first_bad: int | None = None
    why: str | None = None
    stated: Mapping[str, str | None] = field(default_factory=dict)
    through: int = 0
    unsealed: int = 0


def write_head(act: Act) -> None:
    """Adds the current head to the file of heads. Called by the hourly job."""
    number, link = hash_chain.head(act.session)
    file = act.settings.audit_heads
    file.parent.mkdir(parents=True, exist_ok=True)
    _append(file, json.dumps({"line": number, "link": link, "at": act.at.isoformat()}))


def _append(file: Path, line: str) -> None:
    """Adds a line to the file. If the disk is full, removes the incomplete line and raises `OSError`. An append-only
    file keeps the incomplete line; the next call then begins a new line.
    """
    with file.open("a+b", buffering=0) as out:
        before = out.seek(0, os.SEEK_END)
        out.seek(max(before - 1, 0))
        written = f"{line}\n" if out.read(1) in {b"", b"\n"} else f"\n{line}\n"
        try:
            if out.write(written.encode()) != len(written):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            with suppress(PermissionError):
                out.truncate(before)
            raise


def read_heads(file: Path) -> list[Head]:
    """Reads the file of heads. Returns an empty list without a file. Raises `Misconfigured` for a malformed line."""
    if not file.exists():
        return []
    lines = file.read_text().splitlines()
    try:
        return [Head(**json.loads(line)) for line in lines if not _is_cut_off(line)]
    except (TypeError, ValueError) as error:
        raise Misconfigured(f"{file} (PLACEMENT_AUDIT_HEADS) is not a file of heads of the log") from error


def _is_cut_off(line: str) -> bool:
    """Checks whether a line is incomplete, because the disk was full or the process was killed."""
    return _BEGIN.startswith(line[: len(_BEGIN)]) and not line.endswith("}")


def verify(
    database: Database, heads: Sequence[Head], start: int = 1, watch: Callable[[int, int], None] | None = None
) -> Verified:
    """Verifies the log from event `start` to its end, or to the first fault. Calls `watch` with the number of verified
    events and the total.

    - The link of each event is computed again. A truncated log begins with the link in its truncation event.
    - The content of each event is decrypted, and compared with the index.
    - Early versions stored events unencrypted and with other links. For such events, and for heads of that time, the
      former links are verified too.
    """
    keys = database.audit_keys
    with database.transaction() as session:
        last = hash_chain.head(session)[0]
        try:
            pruned = hash_chain.last_truncated(session, keys)
            first = 1 if pruned is None else pruned["through"] + 1
            start = max(start, first)
            link = _link_before(session, start) if pruned is None or start > first else pruned["link"]
            if start > first:
                key = keys.at(session, start)
            else:
                key = keys.known[-1] if pruned is None else keys.called(pruned["key"])
        except (LookupError, TypeError, ValueError):  # not written by the service
            return Verified(0, 0, last, "changed: what it tells of the log cannot be read")
    known = {head.line: head.link for head in heads if head.line >= start}
    if link is None:
        return Verified(0, len(known), start - 1, "missing")
    chain = _Chain(start - 1, link, key, keys, link if start == first else None)
    index = _Index(database, keys, start)
    walk = _Walk(database, chain, index, LaneCheck(from_the_start=start == first and pruned is None), known, start)
    why = walk.to_the_end(last, watch)
    if why is not None:
        bad = chain.number + 1 if index.first_bad is None else index.first_bad
        return Verified(bad - start, len(known), bad, why)
    first_bad, why = walk.fault_at_the_end(keys.known[0])
    stated = chain.stated
    if first_bad is None:
        why, of_these = walk.lanes.fault_beside(walk.beside, chain.key)
        first_bad, stated = None if why is None else chain.number + 1, stated | of_these
    return Verified(chain.number + 1 - start, len(known), first_bad, why, stated, chain.number, len(walk.beside))


@dataclass(slots=True)
class _Walk:
    """The progress of a verification. The service may add events meanwhile."""

    database: Database
    chain: "_Chain"
    index: "_Index"
    lanes: LaneCheck
    known: Mapping[int, str]
    start: int
    beside: Sequence[Line] = ()
    """The events that wait for the chain."""
    beyond: int | None = None
    """The first event after the end of the chain that the index names; then events at the end are missing."""

    def to_the_end(self, last: int, watch: Callable[[int, int], None] | None) -> str | None:
        """Verifies all events, including events that are added meanwhile. Returns the first fault, or `None`. `last`:
        the last event at the start.
        """
        while True:
            for event in _events(self.database, self.chain.number + 1, last):
                fault = self._fault_of(event)
                if fault is not None:
                    return fault
                self.chain.go_on(event)
                if watch is not None and self.chain.number % _AT_ONCE == 0:
                    watch(self.chain.number + 1 - self.start, last + 1 - self.start)
            with self.database.transaction() as session:
                self.beside, self.beyond = log_buffer.rows(session), self.index.beyond(session, last)
                newest = hash_chain.head(session)[0]
            if newest == last:  # nothing was added after the waiting lines were read
                return None
            last = newest

    def _fault_of(self, event: StoredEvent) -> str | None:
        fault = self.chain.fault_of(event) or self.index.fault_of(event, self.chain.content, key=self.chain.key)
        fault = fault or self.lanes.fault_of(self.chain.content)
        head = self.known.get(self.chain.number + 1, event.get("link"))
        if fault is None and head not in {event["link"], self.chain.former}:
            return "not the line that a head tells of"
        return fault

    def fault_at_the_end(self, newest_key: bytes) -> tuple[int, str] | tuple[None, None]:
        """Checks the end of the log: stored heads and index must name no later event, and the last transaction and the
        last change of keys must be complete. Returns the number of the event and the fault, or `(None, None)`.
        """
        later = self.chain.number + 1
        if max(self.known, default=0) >= later:
            return later, "missing: a head tells of later lines"
        if self.chain.has_stated and not self.chain.ends_an_act:
            return later, "missing: the last transaction has no end"
        if self.chain.key != newest_key:
            return later, "missing: the log does not go on with the newest key"
        return (None, None) if self.beyond is None else (self.beyond, _NOT_FOUND)


_NOT_FOUND = "changed where it is looked up by case"


class _Chain:
    """The position in the chain: number and link of the last verified event, and the key of the next event."""

    def __init__(self, number: int, link: str, key: bytes, keys: LogKeys, former: str | None) -> None:
        """Begins after an event. `former`: the former link of that event, if known."""
        self.number, self.link, self.key, self._keys, self._before = number, link, key, keys, former
        self.content: Written = {}
        self.former: str | None = None
        self.stated: dict[str, str | None] = {}
        """The last recorded mark of each sealed row."""
        self.ends_an_act, self.has_stated = True, False
        """`ends_an_act`: the last event ended a transaction. `has_stated`: an event recorded the sum of rows; from then
        on, the last event of each transaction does so.
        """

    def fault_of(self, event: StoredEvent) -> str | None:
        """Verifies the next audit event. Returns its fault, or `None`."""
        self.content, self.former = {}, None
        if not event:
            return "changed: it cannot be read"
        if event["id"] != self.number + 1:
            return "missing"
        try:
            made = hash_chain.link_after(self.link, event, self.key)
            if event["key"] != hash_chain.name_of(self.key) or made != event["link"]:
                return "changed"
            self.content = log_contents.facts_in(self.key, event["id"], event["cipher"])
        except TypeError:  # SQLite can store a text in a column for bytes
            return "changed: it cannot be read"
        except DoesNotOpen:
            return "changed: its content does not open"
        self.former = self.content.get(log_contents.FORMER_LINK)
        return self._fault_of_former(event)

    def _fault_of_former(self, event: StoredEvent) -> str | None:
        """Checks an event that an old version stored in clear, by the link of that time. Returns its fault, if any."""
        if self.former is None or self._before is None:
            return None
        in_clear = {"id": event["id"], "at": event["at"], **self.content}
        made = hash_chain.former_link_after(self._before, in_clear, self.key)
        return None if made == self.former else "changed when contents were sealed"

    def go_on(self, event: StoredEvent) -> None:
        self.number, self.link, self._before = event["id"], event["link"], self.former
        self.ends_an_act = row_ledger.ROWS in self.content
        self.has_stated |= self.ends_an_act
        self.stated |= self.content.get(row_ledger.ROWS, {}).get("changed", {})
        if self.content["event"] == log_keys.KEY_CLOSED:
            self.key = self._keys.called(self.content["facts"]["next"])


class _Index:
    """The index that follows from the verified events, compared with the stored index block by block."""

    def __init__(self, database: Database, keys: LogKeys, start: int) -> None:
        self._database, self._keys, self._start = database, keys, start
        self._bits: dict[tuple[str, str], int] = defaultdict(int)
        self.first_bad: int | None = None

    def fault_of(self, event: StoredEvent, content: Written, *, key: bytes) -> str | None:
        """Adds an event to the index. If the event is the last of a block, compares the block with the stored index.
        Also checks the record of a truncation. Returns the fault, or `None`.
        """
        number, size = event["id"], log_index.BLOCK
        bit = 1 << (number - 1) % size
        for name in log_index.names_in(content):
            self._bits[name] |= bit
        if content["event"] == hash_chain.LOG_TRUNCATED and self._truncated(number) != content["facts"]["through"]:
            return "changed: what it tells of a truncation"
        if number % size:
            return None
        wrong = self._wrong_bits(number, key)
        self._bits.clear()
        if not wrong:
            return None
        self.first_bad = number - size + (wrong & -wrong).bit_length()
        return _NOT_FOUND

    def beyond(self, session: Session, number: int) -> int | None:
        """Returns the first event after this number that the index or a truncation record names, or `None`."""
        full = number // log_index.BLOCK * log_index.BLOCK
        later = session.exec(select(func.min(AuditIndex.line)).where(AuditIndex.line > full)).one()
        said = session.exec(select(func.max(AuditTruncation.line))).one()
        found = [line for line in (later, said) if line is not None and line > number]
        return min(found, default=None)

    def _wrong_bits(self, block: int, key: bytes) -> int:
        """Returns a bit mask of the events in this block whose index entries are wrong."""
        known = -1 << max(0, self._start - 1 - block + log_index.BLOCK)  # events before the start were not read
        expected = {log_index.token_of(key, block, *name): bits for name, bits in self._bits.items()}
        with self._database.transaction() as session:
            rows = session.exec(select(AuditIndex.token, AuditIndex.cipher).where(AuditIndex.line == block)).all()
        wrong = 0
        for token, cipher in rows:
            try:
                found = log_index.bits_in(key, token, cipher) & known
            except (DoesNotOpen, TypeError):
                wrong |= expected.get(token, known & (1 << log_index.BLOCK) - 1)
                expected.pop(token, None)
                continue
            wrong |= expected.pop(token, 0) ^ found
        for missing in expected.values():
            wrong |= missing
        return wrong

    def _truncated(self, line: int) -> int | None:
        with self._database.transaction() as session:
            return session.exec(select(AuditTruncation.through).where(AuditTruncation.line == line)).first()


def _link_before(session: Session, start: int) -> str | None:
    """Returns the link of the previous event, or `None` if that event is missing."""
    if start == 1:
        return hash_chain.START
    return session.exec(select(AuditEvent.link).where(AuditEvent.id == start - 1)).first()


def _events(database: Database, start: int, last: int) -> Iterator[StoredEvent]:
    """Yields the stored events in order. At an unreadable event, yields an empty event and stops."""
    after, at_once = start - 1, _AT_ONCE
    while after < last:
        try:
            rows = _page(database, after, at_once)
        except (LookupError, TypeError, ValueError):  # read event by event, up to the unreadable event
            if at_once == 1:
                yield cast("StoredEvent", {})
                return
            at_once = 1
            continue
        if not rows:
            return
        yield from rows
        after = rows[-1]["id"]


def _page(database: Database, after: int, at_once: int) -> list[StoredEvent]:
    table = SQLModel.metadata.tables["auditevent"]  # read without objects, which takes half the time
    columns = (table.c[name] for name in hash_chain.STORED)
    query = select(*columns).where(table.c.id > after).order_by(table.c.id).limit(at_once)
    with database.transaction() as session:
        return [cast("StoredEvent", dict(zip(hash_chain.STORED, row, strict=True))) for row in session.execute(query)]
