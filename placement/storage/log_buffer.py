"""The table of audit events that wait for the hash chain (PostgreSQL only). An event in this table is called a line.
With the table, no transaction waits for the end of the chain. `hash_chain.seal` moves the lines into the chain.

Lines are numbered, so that a missing line is detected. Each process has several lanes, which are numbered queues with
random names. A line is encrypted with the log's key, bound to its lane, number and time (AES-GCM).

- A transaction takes an idle lane for itself alone, and frees it after its last line is committed.
- Idle lanes are used in turn, so that each lane soon gets its next line.
- If a transaction fails, its lane is abandoned, because its last line may or may not be stored. The next line of the
  process records the last committed number of the abandoned lane.
"""

import json
import secrets
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Row, Table, func, select
from sqlmodel import Session, SQLModel

from placement.crypto import log_cipher
from placement.crypto.log_cipher import DoesNotOpen
from placement.storage import log_contents
from placement.storage.log_contents import Written
from placement.tables import AuditEvent

LANE: Final = "lane"
"""The field of a line with the name of its lane and its number in the lane."""
GIVEN_UP: Final = "given_up"
"""The field of a line that records abandoned lanes: for each name, the number of the last committed line."""

_TAKEN = "lane of the log"


Line = Row[tuple[object, ...]]
"""An event that waits for the chain."""


@dataclass(slots=True)
class Lane:
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    number: int = 0
    """The number of the last committed line."""
    stored: int = 0
    """The number of the last stored line, committed or not."""


class Lanes:
    """The lanes of this process. Each simultaneous transaction uses a lane of its own."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._idle: deque[Lane] = deque()
        self._given_up: dict[str, int] = {}

    def take(self, session: Session) -> tuple[Lane, dict[str, int]]:
        """Reserves a lane for this transaction. Also returns the lanes that were abandoned since the last call."""
        with self._guard:
            lane = self._idle.popleft() if self._idle else Lane()
            given_up, self._given_up = self._given_up, {}
        session.info[_TAKEN] = lane, given_up
        return lane, given_up

    def committed(self, session: Session) -> bool:
        """Frees the lane of a committed transaction. Returns false if the transaction had no lane."""
        if _TAKEN not in session.info:
            return False
        lane, _ = session.info.pop(_TAKEN)
        lane.number = lane.stored
        with self._guard:
            self._idle.append(lane)
        return True

    def failed(self, session: Session) -> None:
        """Abandons the lane of a failed transaction, which may have been committed nevertheless."""
        if _TAKEN in session.info:
            lane, given_up = session.info.pop(_TAKEN)
            with self._guard:
                self._given_up |= {**given_up, lane.name: lane.number}

    def end(self) -> None:
        """Drops all lanes without recording them as abandoned. Called when the database is closed."""
        with self._guard:
            self._idle.clear()
            self._given_up.clear()


def put(session: Session, lanes: Lanes, key: bytes, events: Sequence[AuditEvent], beside: Mapping[str, object]) -> None:
    """Stores the audit events of a transaction as lines. `beside`: additional fields of the last line."""
    lane, given_up = lanes.take(session)
    rows = []
    for event in events:
        lane.stored += 1
        content = log_contents.written_form(event.content)
        content |= beside if event is events[-1] else {}
        content |= {GIVEN_UP: given_up} if given_up and event is events[0] else {}
        place = _place(lane.name, lane.stored, event.at)
        cipher = log_cipher.seal(key, place, log_cipher.padded(log_contents.as_json(content)))
        row = {"at": event.at, "key": log_cipher.name_of(key), "lane": lane.name, "number": lane.stored}
        rows.append({**row, "cipher": cipher})
    session.connection().execute(_table().insert(), rows)


def rows(session: Session, most: int | None = None, *, without: Sequence[int] = ()) -> Sequence[Line]:
    """Returns the waiting lines in order. `most`: at most this number. `without`: ids of lines to leave out.

    Reads all lines with one statement. So if it sees a line, it sees all earlier lines of the same lane.
    """
    table = _table()
    query = select(table).where(table.c.id.not_in(without)) if without else select(table)
    return session.connection().execute(query.order_by(table.c.id).limit(most)).all()


def content_of(row: Line, key: bytes) -> Written | None:
    """Decrypts a line and adds its lane. Returns `None` if the line was not made with this key."""
    if row.key != log_cipher.name_of(key):
        return None
    try:
        found: Written = json.loads(log_cipher.opened(key, _place(row.lane, row.number, row.at), row.cipher))
    except DoesNotOpen:
        return None
    found[LANE] = (row.lane, row.number)
    return found


def remove(session: Session, ids: Sequence[int]) -> None:
    table = _table()
    session.connection().execute(table.delete().where(table.c.id.in_(ids)))


def oldest(session: Session) -> datetime | None:
    """Returns the time of the oldest waiting line, or `None` if no line waits."""
    table = _table()
    found: datetime | None = session.connection().execute(select(table.c.at).order_by(table.c.id).limit(1)).scalar()
    return found


def newest(session: Session) -> int | None:
    """Returns the id of the newest waiting line, or `None` if no line waits."""
    table = _table()
    found: int | None = session.connection().execute(select(func.max(table.c.id))).scalar()
    return found


def _table() -> Table:
    return SQLModel.metadata.tables["auditunsealed"]


def _place(lane: str, number: int, at: datetime) -> str:
    return f"auditunsealed {lane} {number} {at.astimezone(UTC).isoformat(timespec='microseconds')}"
