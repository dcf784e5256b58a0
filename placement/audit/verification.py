"""Verification of the audit log: every link of the hash chain computed again, and compared with the heads stored
elsewhere.

The links detect an edit, a deletion in between, an insertion and a swap. That the end was cut off shows only against a
record elsewhere of the log's length: the file of heads, one line of JSON an hour (`Settings.audit_heads`).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.storage import hash_chain
from placement.storage.database import Database
from placement.tables import AuditEvent, AuditShown

_AT_ONCE = 5_000
"""Audit events read in one short transaction: on SQLite writers wait during one."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the log at a moment: number and link of its last audit event."""

    line: int
    link: str
    at: str


@dataclass(frozen=True, slots=True)
class Verified:
    """`first_bad`: the first audit event that is not as it was written, and `why`; None where all is well."""

    lines: int
    heads: int
    first_bad: int | None = None
    why: str | None = None


def write_head(act: Act) -> None:
    """The hourly job: adds the head of the log to the file of heads."""
    number, link = hash_chain.head(act.session)
    file = act.settings.audit_heads
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as out:
        out.write(json.dumps({"line": number, "link": link, "at": act.at.isoformat()}) + "\n")


def read_heads(file: Path) -> list[Head]:
    """The stored heads; none where there is no file. Raises `Misconfigured` where the file cannot be read as heads."""
    if not file.exists():
        return []
    try:
        return [Head(**json.loads(event)) for event in file.read_text().splitlines()]
    except (TypeError, ValueError) as error:
        raise Misconfigured(f"{file} (PLACEMENT_AUDIT_HEADS) is not a file of heads of the log") from error


def verify(
    database: Database, heads: Sequence[Head], start: int = 1, watch: Callable[[int, int], None] | None = None
) -> Verified:
    """Verifies the log from this audit event on, and stops at the first that is bad.

    A truncated log begins with the link in its truncation event: that event is reached on the way, and its own link
    proves it then. An audit event that closes a key names the key of the next one.

    `watch` is called with how many audit events were checked, and how many there are.
    """
    keys = database.audit_keys
    with database.transaction() as session:
        last = hash_chain.head(session)[0]
        try:
            pruned = hash_chain.last_truncated(session)
            first = 1 if pruned is None else pruned["through"] + 1
            start = max(start, first)
            link = _link_before(session, start) if pruned is None or start > first else pruned["link"]
            key = keys.at(session, start)
        except (LookupError, TypeError, ValueError):  # an audit event about the log itself, and not written by us
            return Verified(0, 0, last, "changed: what it tells of the log cannot be read")
    known = {head.line: head.link for head in heads if head.line >= start}
    if link is None:
        return Verified(0, len(known), start - 1, "missing")
    number = start - 1
    for event, shown in _events(database, start, last):
        why = _fault(number + 1, event, shown, link, key)
        if why is None and known.get(number + 1, event["link"]) != event["link"]:
            why = "not the line that a head tells of"
        if why is not None:
            return Verified(number + 1 - start, len(known), number + 1, why)
        number, link = event["id"], event["link"]
        if event["event"] == hash_chain.KEY_CLOSED:
            key = keys.called(event["facts"]["next"])
        if watch is not None and number % _AT_ONCE == 0:
            watch(number + 1 - start, last + 1 - start)
    if known and max(known) > number:
        return Verified(number + 1 - start, len(known), number + 1, "missing: a head tells of later lines")
    if key != keys.known[0]:
        return Verified(
            number + 1 - start, len(known), number + 1, "missing: the log does not go on with the newest key"
        )
    return Verified(number + 1 - start, len(known))


def _fault(number: int, event: Mapping[str, Any], shown: set[str], before: str, key: bytes) -> str | None:
    """What is wrong with the audit event that should have this number and follow this link."""
    if not event:
        return "changed: it cannot be read"
    if event["id"] != number:
        return "missing"
    try:
        if hash_chain.link_after(before, event, key) != event["link"]:
            return "changed"
    except TypeError:  # bytes where SQLite had a text
        return "changed: it cannot be read"
    if shown != set(event["facts"].get("shown", ())):
        return "changed where it is looked up by case"
    return None


def _link_before(session: Session, start: int) -> str | None:
    """The link that the chain goes on from; None where there is no audit event before this one."""
    if start == 1:
        return hash_chain.START
    return session.exec(select(AuditEvent.link).where(AuditEvent.id == start - 1)).first()


def _events(database: Database, start: int, last: int) -> Iterator[tuple[dict[str, Any], set[str]]]:
    """Every audit event with the cases that it is indexed by, in order; the first that cannot be read is empty."""
    after, at_once = start - 1, _AT_ONCE
    while after < last:
        try:
            rows, shown = _page(database, after, at_once)
        except (LookupError, TypeError, ValueError):  # no code, no moment or no JSON: then one by one
            if at_once == 1:
                yield {}, set()
                return
            at_once = 1
            continue
        if not rows:
            return
        for row in rows:
            yield row, shown.get(row["id"], set())
        after = rows[-1]["id"]


def _page(database: Database, after: int, at_once: int) -> tuple[list[dict[str, Any]], dict[int, set[str]]]:
    names = (*hash_chain.FIELDS, "link")
    table = SQLModel.metadata.tables["auditevent"]  # rows as they are: an object for each would take as long again
    query = select(*(table.c[name] for name in names)).where(table.c.id > after).order_by(table.c.id).limit(at_once)
    shown: dict[int, set[str]] = {}
    with database.transaction() as session:
        rows = [dict(zip(names, row, strict=True)) for row in session.execute(query)]
        if rows:
            of_these = col(AuditShown.line).between(after + 1, rows[-1]["id"])
            for case, event in session.execute(select(AuditShown.registration_id, AuditShown.line).where(of_these)):
                shown.setdefault(event, set()).add(case)
    return rows, shown
