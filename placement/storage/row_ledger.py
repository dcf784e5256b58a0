"""The sum over all sealed rows, which the audit log records. The sum detects three kinds of tampering, even if the
row's seal is valid: a row was deleted, put back to an earlier state, or written without an audit event.

A keyed hash of each row and its seal is a number. The sum adds these numbers, modulo 2^256. The last audit event of
each transaction records the changed rows and the new sum: the previous sum plus the change. So unchanged rows are not
read. `placement/audit/row_check.py` compares the sum with the tables.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlmodel import Session

from placement.storage import row_seals
from placement.storage.log_contents import RowsStated
from placement.storage.row_seals import Name
from placement.tables.sealed_row import SealedRow

ROWS: Final = "rows"
"""The field of an event with its statement about sealed rows: `sum`, and `changed` (the mark of each changed row)."""

_RESTATED = "sum of sealed rows to be stated anew"
MODULUS = 1 << 256
_MAC_CHARACTERS = 16
"""How many characters of a MAC an audit event records: 64 bits."""


def mark_of(seal: str | None) -> str | None:
    """Returns the mark of a row, as audit events record it: the version and the first part of the MAC in its seal."""
    if seal is None:
        return None
    version, _, mac = seal.partition(".")[2].partition(".")
    return f"{version}.{mac[:_MAC_CHARACTERS]}"


def has_something_to_say(session: Session) -> bool:
    """Checks whether this transaction must record changed rows or a new sum. Ignores changes that were rolled back to a
    savepoint.
    """
    return _RESTATED in session.info or bool(_changes(session))


def restate(session: Session) -> None:
    """Makes this transaction record the sum of all stored rows, instead of the previous sum plus its changes."""
    session.info[_RESTATED] = True


def is_restated(session: Session) -> bool:
    return _RESTATED in session.info


def statement(session: Session, before: RowsStated | None) -> RowsStated:
    """Returns the statement about sealed rows for the last audit event of this transaction. `before`: the previous
    statement. Without it, or after `restate`, reads all rows. Needs the lock of the log, and must follow the last
    flush.
    """
    change = change_of(session)
    if before is not None and not session.info.pop(_RESTATED, False):
        return carried_on(before, change)
    return carried_on({"sum": _written(total(session))}, {**change, "added": "0"} if change else {})


def change_of(session: Session) -> RowsStated:
    """Returns the changed rows of this transaction, and the number that they add to the sum."""
    found = _changes(session)
    row_seals.forget_touched(session)
    return found


def carried_on(before: RowsStated, change: RowsStated) -> RowsStated:
    """Adds a change to the previous statement, and returns the new statement."""
    number = int(before["sum"], 16) + int(change.get("added", "0"), 16)
    return {"sum": _written(number), "changed": change["changed"]} if change else {"sum": _written(number)}


def before(session: Session, changes: Iterable[RowsStated]) -> RowsStated:
    """Returns the sum before these changes: the sum of the rows as they are stored now, minus the changes."""
    return {"sum": _written(total(session) - sum(int(change.get("added", "0"), 16) for change in changes))}


def _written(number: int) -> str:
    return f"{number % MODULUS:064x}"


def stored_seals(session: Session) -> dict[str, str | None]:
    """Returns the seal of every row in the sum, by the row's written name."""
    return {
        row_seals.written_name(table, name): seal
        for table, kind in row_seals.sealed_tables().items()
        if kind.RECONCILED and not row_seals.is_absent(session, kind)
        for name, seal in row_seals.seals_of(session, kind).items()
    }


def sum_of(session: Session, seals: Mapping[str, str | None]) -> int:
    ring = row_seals.ring_of(session)
    return sum(ring.weight(seal or "", name.encode()) for name, seal in seals.items()) % MODULUS


def total(session: Session) -> int:
    return sum_of(session, stored_seals(session))


def _changes(session: Session) -> RowsStated:
    """Returns the changed rows of this transaction, and the number that they add to the sum; `{}` without a change."""
    ring = row_seals.ring_of(session)
    added, changed, is_empty = 0, dict[str, str | None](), True
    by_kind: dict[type[SealedRow], list[Name]] = {}
    for kind, name in row_seals.touched(session):
        if kind.RECONCILED:
            by_kind.setdefault(kind, []).append(name)
    for kind, names in by_kind.items():
        now: dict[Name, str | None] = {}
        for start in range(0, len(names), _AT_ONCE):
            now |= row_seals.seals_of_rows(session, kind, names[start : start + _AT_ONCE])
        for name in names:
            before, after = row_seals.touched(session)[kind, name], now.get(name)
            if before == after:
                continue
            written = row_seals.written_name(str(kind.__tablename__), name)
            added += ring.weight(after, written.encode()) if after is not None else 0
            added -= ring.weight(before, written.encode()) if before is not None else 0
            is_empty = False
            if kind.STATED:
                changed[written] = mark_of(after)
    return {} if is_empty else {"added": _written(added), "changed": changed}


_AT_ONCE = 500
