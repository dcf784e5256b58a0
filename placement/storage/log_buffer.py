"""Audit events that are stored but not in the hash chain yet, called lines. On PostgreSQL each transaction stores its
own lines, so that no transaction waits for the end of the chain. Later `hash_chain.seal` adds them to the chain.

A lane is a numbered queue of lines. It belongs to one process and has a random name. Each line is sealed by the log's
key (AES-GCM) together with its lane, its number in the lane and its time. A lane stores a line only when the previous
line is committed. So its numbers have no gap, and a missing line is detected, before and after chaining. A process uses
its lanes in turn, so that each continues soon. After a failed transaction its lane is abandoned, because its last line
may or may not be stored. The next line of the process records the abandoned lane's last certain number.
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
"""The field of a line with the name of its lane and its number there."""
GIVEN_UP: Final = "given_up"
"""The field of a line with the lanes that have ended: by name of the lane, the number of its last committed line."""

_TAKEN = "lane of the log"


Line = Row[tuple[object, ...]]
"""A line that is not in the chain yet."""


@dataclass(slots=True)
class Lane:
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    number: int = 0
    """The number of the lane's last committed line."""
    stored: int = 0
    """The number of the lane's last line, committed or not."""


class Lanes:
    """The lanes of this process. There are as many lanes as it had simultaneous transactions."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._idle: deque[Lane] = deque()
        self._given_up: dict[str, int] = {}

    def take(self, session: Session) -> tuple[Lane, dict[str, int]]:
        """Returns a lane for this transaction alone, and the lanes that were abandoned since the last call."""
        with self._guard:
            lane = self._idle.popleft() if self._idle else Lane()
            given_up, self._given_up = self._given_up, {}
        session.info[_TAKEN] = lane, given_up
        return lane, given_up

    def committed(self, session: Session) -> bool:
        """Returns the lane of a committed transaction to the idle lanes. Returns false if it had no lane."""
        if _TAKEN not in session.info:
            return False
        lane, _ = session.info.pop(_TAKEN)
        lane.number = lane.stored
        with self._guard:
            self._idle.append(lane)
        return True

    def failed(self, session: Session) -> None:
        """Abandons the lane of a transaction that may or may not be committed."""
        if _TAKEN in session.info:
            lane, given_up = session.info.pop(_TAKEN)
            with self._guard:
                self._given_up |= {**given_up, lane.name: lane.number}

    def end(self) -> None:
        """Ends all lanes, because the database is closed, and the process may open another database."""
        with self._guard:
            self._idle.clear()
            self._given_up.clear()


def put(session: Session, lanes: Lanes, key: bytes, events: Sequence[AuditEvent], beside: Mapping[str, object]) -> None:
    """Stores the lines of a transaction. `beside`: additional content of the last line."""
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
    """Returns the lines that are not in the chain, in their order. `without`: ids of lines to leave out.

    A single statement reads them. So if it sees a line, it sees all earlier lines of the lane too.
    """
    table = _table()
    query = select(table).where(table.c.id.not_in(without)) if without else select(table)
    return session.connection().execute(query.order_by(table.c.id).limit(most)).all()


def content_of(row: Line, key: bytes) -> Written | None:
    """Returns the content of a line with its lane. Returns `None` if the service did not store it with this key."""
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
    """Returns the time of the oldest line that is not in the chain; `None` if all lines are in the chain."""
    table = _table()
    found: datetime | None = session.connection().execute(select(table.c.at).order_by(table.c.id).limit(1)).scalar()
    return found


def newest(session: Session) -> int | None:
    """Returns the id of the newest line that is not in the chain; `None` if all lines are in the chain."""
    table = _table()
    found: int | None = session.connection().execute(select(func.max(table.c.id))).scalar()
    return found


def _table() -> Table:
    return SQLModel.metadata.tables["auditunsealed"]


def _place(lane: str, number: int, at: datetime) -> str:
    return f"auditunsealed {lane} {number} {at.astimezone(UTC).isoformat(timespec='microseconds')}"
