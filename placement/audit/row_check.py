"""Whether the rows that open something are those that the service wrote: each by its seal, and all of them by what the
audit log states.

The job looks each minute. A row whose seal does not hold it names; that the rows are not those of the log (one deleted,
or put back as it once was) it says by the difference of the sums, which stays the same while the service goes on
writing. `placement audit verify` names those rows, too: it reads what each audit event says of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Integer
from sqlmodel import Session

from placement.audit import log as audit_log
from placement.audit import verification
from placement.audit.log import Event
from placement.audit.verification import Head, Verified
from placement.core.context import Act
from placement.core.errors import Misconfigured
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.storage import hash_chain, log_index, log_rows, row_ledger, row_seals
from placement.storage.database import Database
from placement.storage.log_index import Wanted
from placement.tables import DataKey
from placement.tables.sealed_row import SealedRow

_SAID_AGAIN_AFTER = timedelta(days=1)
_MOST_NAMED = 100
"""Rows that one run of the job names: their number alone is said of more."""

_TRIES = 3
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Row:
    """A row, by the name of its table and by what names it there."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}/{self.name}"


@dataclass(frozen=True, slots=True)
class Checked:
    """`broken`: rows whose seal does not hold. `others`: rows that are not as the log says, as far as it names them.
    `differ`: whether the rows are others than the log states.
    """

    rows: int
    broken: tuple[Row, ...]
    others: tuple[Row, ...]
    differ: bool

    @property
    def is_good(self) -> bool:
        return not (self.broken or self.others or self.differ)


def broken_rows(session: Session) -> Iterator[Row]:
    """The rows whose seal does not hold."""
    ring = row_seals.ring_of(session)
    for table, kind in row_seals.sealed_tables().items():
        for page in row_seals.pages(session, kind):
            for values in page:
                if not row_seals.does_hold(ring, kind, values):
                    yield Row(table, _name(tuple(values[name] for name in row_seals.name_columns(kind))))


def difference(session: Session) -> int:
    """What the sum of the rows is more than the log states, modulo 2^256; 0 where they are those of the log, or it
    states nothing yet.

    Every transaction that changes such rows ends with an audit event: where the head of the log is the same before and
    after the rows were read, nothing changed meanwhile. After some tries the end of the log is locked.
    """
    keys = log_rows.keys_of(session)
    for left in range(_TRIES, -1, -1):
        if not left:
            hash_chain.lock(session)
        head, stated = hash_chain.rows_at_head(session, keys)
        number = row_ledger.total(session)
        if stated is not None and (not left or hash_chain.rows_at_head(session, keys)[0] == head):
            return (number - int(stated["sum"], 16)) % _MODULUS
    return 0


def check(act: Act) -> None:
    """The job: writes an audit event for each row whose seal does not hold, and where the rows differ from the log;
    again after a day.
    """
    known = _said(act, Event.SEAL_BROKEN)
    for row in _first(broken_rows(act.session), _MOST_NAMED):
        if {"table": row.table, "row": row.name}.items() not in known:
            audit_log.write(act, Event.SEAL_BROKEN, subject=audit_log.id_alone(row.name), table=row.table, row=row.name)
    by = difference(act.session)
    written = f"{by:064x}"[:16]
    if by and {"by": written}.items() not in _said(act, Event.ROWS_DIFFER):
        audit_log.write(act, Event.ROWS_DIFFER, by=written)


def compare(session: Session, stated: Mapping[str, str | None]) -> Checked:
    """Checks every row, and compares them with what the audit events say of each. `stated`: by row, what was said last
    (`Verified.stated`).
    """
    pseudonyms = session.get(DataKey, PSEUDONYMS)
    if pseudonyms is not None and pseudonyms.destroyed_at is not None:  # all keys are: the rows open nothing any more
        return Checked(0, (), (), differ=False)
    found = _marks(session)
    others = tuple(_row(one) for one, mark in sorted(stated.items()) if found.get(one) != mark)
    return Checked(len(found), tuple(broken_rows(session)), others, differ=difference(session) != 0)


def verify(
    database: Database, heads: Sequence[Head], start: int = 1, watch: Callable[[int, int], None] | None = None
) -> tuple[Verified, Checked]:
    """Verifies the log (`verification.verify`), and compares the rows with it. The service may run meanwhile: a row is
    named only where it is not as logged after the events were read that were written since, too.
    """
    found = verification.verify(database, heads, start, watch)
    stated, through = dict(found.stated), found.through
    named: set[Row] | None = None
    for _ in range(_TRIES):
        with database.transaction() as session:
            rows = compare(session, stated)
        named = set(rows.others) if named is None else named & set(rows.others)
        if not named or found.first_bad is not None:
            break
        later = verification.verify(database, (), through + 1)
        stated, through = {**stated, **later.stated}, max(through, later.through)
    return found, replace(rows, others=tuple(one for one in rows.others if one in (named or ())))


def accept(act: Act, rows: Iterable[str]) -> None:
    """Takes these rows (`table/name`) as they stand, or as gone: seals what is there, and states the sum of all rows
    anew. Which rows are meant is in the audit event.

    Raises `Misconfigured` for a row that is of none of these tables, and where the seal of another does not hold.
    """
    wanted = {str(row): row for row in map(_row, rows)}
    left = [str(row) for row in broken_rows(act.session) if str(row) not in wanted]
    unknown = [name for name, row in wanted.items() if row.table not in row_seals.sealed_tables()]
    if unknown:
        raise Misconfigured(f"of no table with seals: {', '.join(unknown)}")
    if left:
        raise Misconfigured(f"these have a seal that does not hold either, and must be named too: {', '.join(left)}")
    for row in wanted.values():
        kind = row_seals.sealed_tables()[row.table]
        name = _typed(kind, row.name)
        row_seals.seal_anew(act.session, kind, [name])
        row_seals.touched(act.session)[kind, name] = ""  # the log says of it what is there now, whatever was before
    row_ledger.restate(act.session)
    audit_log.write(act, Event.ROWS_RESTATED, rows=sorted(wanted))


def _typed(kind: type[SealedRow], name: str) -> row_seals.Name:
    columns = [row_seals.table_of(kind).c[one] for one in row_seals.name_columns(kind)]
    parts = name.split("/", len(columns) - 1)
    return tuple(int(part) if isinstance(one.type, Integer) else part for one, part in zip(columns, parts, strict=True))


def _said(act: Act, event: Event) -> list[object]:
    """The facts of the audit events of this name of the last day."""
    found = log_index.find(act.session, Wanted(event=event.value, since=act.at - _SAID_AGAIN_AFTER))
    return [one.facts.items() for one in found]


def _first(rows: Iterator[Row], most: int) -> Iterator[Row]:
    for _, row in zip(range(most), rows, strict=False):
        yield row


def _name(name: row_seals.Name) -> str:
    return "/".join(map(str, name))


def _row(written: str) -> Row:
    table, _, name = written.partition("/")
    return Row(table, name)


def _marks(session: Session) -> dict[str, str | None]:
    """What an audit event should say last of each row."""
    return {
        row_seals.written_name(table, name): row_ledger.mark_of(seal)
        for table, kind in row_seals.sealed_tables().items()
        if kind.RECONCILED
        for name, seal in row_ledger.seals_of(session, kind).items()
    }
