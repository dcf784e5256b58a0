"""Lines of the log that are stored and not in the chain yet: on PostgreSQL each act stores its own, and none waits for
the end of the chain. `hash_chain.seal` puts them into it, behind the acts.

Each is sealed by the log's key (AES-GCM) together with its lane, its number there and its moment. A lane is a part of
one process, named at random, in which the next line is stored only when the one before is committed: its numbers have
no gap, so that one is missing shows, in the chain and before it. Lanes are used in turn: each goes on soon. A lane
whose transaction failed is given up, as that line may have been stored or not, and the next line of the process tells
how far it came.
"""

import json
import secrets
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlmodel import Session, SQLModel

from placement.crypto import log_cipher
from placement.crypto.log_cipher import DoesNotOpen
from placement.storage import log_contents
from placement.tables import AuditEvent

LANE = "lane"
"""In the content of a line that was stored before it was chained: the name of its lane, and its number there."""
GIVEN_UP = "given_up"
"""In such a content: lanes that go on no more, by name, each with the number of its last line that was committed."""

_TAKEN = "lane of the log"


@dataclass(slots=True)
class Lane:
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    number: int = 0
    """Of its last line that was committed."""
    stored: int = 0
    """Of its last line, committed or not."""


class Lanes:
    """The lanes of this process: as many as it had transactions at once."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._idle: deque[Lane] = deque()
        self._given_up: dict[str, int] = {}

    def take(self, session: Session) -> tuple[Lane, dict[str, int]]:
        """A lane for this transaction alone, and the lanes that were given up since it was last asked."""
        with self._guard:
            lane = self._idle.popleft() if self._idle else Lane()
            given_up, self._given_up = self._given_up, {}
        session.info[_TAKEN] = lane, given_up
        return lane, given_up

    def committed(self, session: Session) -> bool:
        """Whether the transaction, which was committed, had a lane."""
        if _TAKEN not in session.info:
            return False
        lane, _ = session.info.pop(_TAKEN)
        lane.number = lane.stored
        with self._guard:
            self._idle.append(lane)
        return True

    def failed(self, session: Session) -> None:
        """Gives up the lane of a transaction of which it is not known whether it was committed."""
        if _TAKEN in session.info:
            lane, given_up = session.info.pop(_TAKEN)
            with self._guard:
                self._given_up |= {**given_up, lane.name: lane.number}

    def end(self) -> None:
        """No lane goes on: the database is closed, and another may come in its place."""
        with self._guard:
            self._idle.clear()
            self._given_up.clear()


def put(session: Session, lanes: Lanes, key: bytes, events: Sequence[AuditEvent], beside: Mapping[str, Any]) -> None:
    """Stores the lines of a transaction; `beside`: what the last of them says that is no field of it."""
    lane, given_up = lanes.take(session)
    rows = []
    for event in events:
        lane.stored += 1
        content = {name: getattr(event.content, name) for name in log_contents.FIELDS}
        content |= beside if event is events[-1] else {}
        content |= {GIVEN_UP: given_up} if given_up and event is events[0] else {}
        place = _place(lane.name, lane.stored, event.at)
        cipher = log_cipher.seal(key, place, log_cipher.padded(json.dumps(content, separators=(",", ":")).encode()))
        row = {"at": event.at, "key": log_cipher.name_of(key), "lane": lane.name, "number": lane.stored}
        rows.append({**row, "cipher": cipher})
    session.connection().execute(_table().insert(), rows)


def rows(session: Session, most: int | None = None, *, without: Sequence[int] = ()) -> Sequence[Row[Any]]:
    """The lines that are not in the chain, in their order; `without` those with these ids.

    Read by one statement: with a line it sees those before it in its lane, which were committed earlier.
    """
    table = _table()
    query = select(table).where(table.c.id.not_in(without)) if without else select(table)
    return session.connection().execute(query.order_by(table.c.id).limit(most)).all()


def content_of(row: Row[Any], key: bytes) -> dict[str, Any] | None:
    """What a line says, with its lane; None where it is not as the service stored it with this key."""
    if row.key != log_cipher.name_of(key):
        return None
    try:
        found: dict[str, Any] = json.loads(log_cipher.opened(key, _place(row.lane, row.number, row.at), row.cipher))
    except DoesNotOpen:
        return None
    return {**found, LANE: [row.lane, row.number]}


def remove(session: Session, ids: Sequence[int]) -> None:
    table = _table()
    session.connection().execute(table.delete().where(table.c.id.in_(ids)))


def oldest(session: Session) -> datetime | None:
    """The moment of the line that was stored first; None where all are in the chain."""
    table = _table()
    found: datetime | None = session.connection().execute(select(table.c.at).order_by(table.c.id).limit(1)).scalar()
    return found


def newest(session: Session) -> int | None:
    """The id of the line that was stored last; None where all are in the chain."""
    table = _table()
    found: int | None = session.connection().execute(select(func.max(table.c.id))).scalar()
    return found


def _table() -> Any:
    return SQLModel.metadata.tables["auditunsealed"]


def _place(lane: str, number: int, at: datetime) -> str:
    return f"auditunsealed {lane} {number} {at.astimezone(UTC).isoformat(timespec='microseconds')}"
