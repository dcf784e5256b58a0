"""The audit log's statement on the sealed rows. A check with it detects a row that was deleted, put back to a former
state, or written without an audit event. It does so even if the row's seal is valid.

The last audit event of each transaction states in its sealed content which rows the transaction changed, and the new
sum over all rows. Each row and seal adds a secret number, modulo 2^256. Each sum continues the sum of the previous
event. So the expected sum is at the end of the log, even after a truncation, and can be computed without reading rows.
`placement/audit/row_check.py` compares it with the tables.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlmodel import Session

from placement.storage import row_seals
from placement.storage.log_contents import RowsStated
from placement.storage.row_seals import Name
from placement.tables.sealed_row import SealedRow

ROWS: Final = "rows"
"""The name of the statement in an audit event: `sum`, and `changed` by row (its seal, or `None` if deleted)."""

_RESTATED = "sum of sealed rows to be stated anew"
MODULUS = 1 << 256
_MAC_CHARACTERS = 16
"""The part of a MAC that an audit event records: 64 bits."""


def mark_of(seal: str | None) -> str | None:
    """Returns the mark that an audit event records for a seal: the version of the row, and a part of the MAC."""
    if seal is None:
        return None
    version, _, mac = seal.partition(".")[2].partition(".")
    return f"{version}.{mac[:_MAC_CHARACTERS]}"


def has_something_to_say(session: Session) -> bool:
    """Checks whether this transaction changed rows that the log must record, or whether the log must state the sum of
    rows again. Ignores changes that were rolled back to a savepoint.
    """
    return _RESTATED in session.info or bool(_changes(session))


def restate(session: Session) -> None:
    """Makes this transaction state, at its end, the sum of the stored rows instead of the expected sum."""
    session.info[_RESTATED] = True


def is_restated(session: Session) -> bool:
    return _RESTATED in session.info


def statement(session: Session, before: RowsStated | None) -> RowsStated:
    """Returns the statement on the rows for the last audit event of this transaction. `before`: the statement at the
    end of the log. If it is missing or must be restated, every row is read. Call this under the lock of the log, after
    the last flush.
    """
    change = change_of(session)
    if before is not None and not session.info.pop(_RESTATED, False):
        return carried_on(before, change)
    return carried_on({"sum": _written(total(session))}, {**change, "added": "0"} if change else {})


def change_of(session: Session) -> RowsStated:
    """Returns this transaction's changes and their addition to the sum, for a line that is not in the chain yet."""
    found = _changes(session)
    row_seals.forget_touched(session)
    return found


def carried_on(before: RowsStated, change: RowsStated) -> RowsStated:
    """Returns the statement that follows from a statement in the chain and this change."""
    number = int(before["sum"], 16) + int(change.get("added", "0"), 16)
    return {"sum": _written(number), "changed": change["changed"]} if change else {"sum": _written(number)}


def before(session: Session, changes: Iterable[RowsStated]) -> RowsStated:
    """Returns the sum that the log must state before these changes, computed from the rows stored after them."""
    return {"sum": _written(total(session) - sum(int(change.get("added", "0"), 16) for change in changes))}


def _written(number: int) -> str:
    return f"{number % MODULUS:064x}"


def stored_seals(session: Session) -> dict[str, str | None]:
    """Returns the seal of every row that the log states, by its written name."""
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
    """Returns the addition of this transaction to the sum, and the changed rows; both are empty without a change."""
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
