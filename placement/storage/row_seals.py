"""Seals of rows that grant access (`SealedRow`): a write into the database without the service's keys grants nothing.

The seal is a MAC over table, name of the row and columns, computed before a flush encrypts anything. It covers plain
values, so keys can be rotated and content encrypted anew with the same seal. Empty columns are left out, so that a
migration may add a column. A row is checked when it is loaded. Before a change it is checked again in its stored form,
under a lock: columns that the transaction does not change keep the stored values.

Changes to such rows are recorded for `row_ledger.py`. A bulk statement that bypasses the flush is rejected if it
changes a column under the seal.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import cast

from cryptography.exceptions import InvalidTag
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Delete,
    Insert,
    Integer,
    Table,
    Update,
    event,
    inspect,
    literal,
    orm,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import ORMExecuteState, QueryContext, UOWTransaction, load_only
from sqlalchemy.sql.base import ExecutableOption
from sqlmodel import Session, SQLModel

from placement.core.errors import SealBroken
from placement.crypto.encrypted_columns import Closed, Sealed, keys_of, place_of, row_columns
from placement.crypto.key_ring import KeyRing
from placement.tables.columns import attribute
from placement.tables.sealed_row import SealedRow

SAME_VALUES = "row_seals_same_values"
"""Option of a statement that encrypts values anew: the plain values stay the same."""

_TOUCHED = "sealed rows of this transaction"
_AT_ONCE = 500

UNREADABLE = (LookupError, TypeError, ValueError, InvalidTag)
"""What a stored value raises that no column of its type has: the service never wrote it."""

_UNREAD = object()
"""Stands for such a value: it has no form under a seal."""

Name = tuple[object, ...]
"""The name of a row in its table: the values of `row_columns`."""


class SealPassedBy(RuntimeError):
    """A programming error: a statement would change a column under the seal, past it."""


@cache
def sealed_tables() -> Mapping[str, type[SealedRow]]:
    """The tables whose rows are sealed, by name."""
    found = {str(table.__tablename__): table for table in _below(SealedRow) if hasattr(table, "__table__")}
    return dict(sorted(found.items()))


def _below(kind: type[SealedRow]) -> Iterator[type[SealedRow]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


@cache
def table_of(kind: type[SealedRow]) -> Table:
    found: Table = inspect(kind).local_table
    return found


@cache
def name_columns(kind: type[SealedRow]) -> tuple[str, ...]:
    """The columns that name a row."""
    return tuple(column.key for column in row_columns(table_of(kind)))


@cache
def covered(kind: type[SealedRow]) -> tuple[str, ...]:
    """The columns under the seal."""
    table = table_of(kind)
    return tuple(column.key for column in table.columns if _is_covered(kind, column))


def _is_covered(kind: type[SealedRow], column: Column[object]) -> bool:
    numbered = column.primary_key and column.key not in name_columns(kind)
    return not (column.key == "seal" or column.key in kind.OUTSIDE or isinstance(column.type, Sealed) or numbered)


def content_of(table: str, values: Mapping[str, object]) -> bytes:
    """Returns the content under the seal: the table's name and, by name, each covered column that is not empty."""
    given = {name: value for name, value in values.items() if value is not None}
    return _FORM.encode([table, given]).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"a column under the seal has a value that has no form there: {type(value).__name__}")


def only(kind: type[SQLModel], *columns: object) -> ExecutableOption:
    """The option of a query that reads these columns alone, and of sealed rows what is under the seal."""
    sealed = (*covered(kind), "seal") if issubclass(kind, SealedRow) else ()
    return load_only(*map(attribute, columns), *(getattr(kind, name) for name in sealed))


_FORM = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain, check_circular=False)
"""Made once: every row that is loaded asks."""


def ring_of(session: orm.Session) -> KeyRing:
    return keys_of(session.get_bind().dialect).ring


def written_name(table: str, name: Name) -> str:
    """Table and row, as they stand in the audit log and in messages."""
    return "/".join([table, *map(str, name)])


def stored(
    session: Session, kind: type[SealedRow], *where: ColumnElement[bool], lock: bool = False, most: int | None = None
) -> Iterator[dict[str, object]]:
    """The rows as they are stored now, in the order of their names, with their seals and in plain values."""
    table = table_of(kind)
    names = (*dict.fromkeys((*name_columns(kind), *covered(kind))), "seal")
    query = select(*(_as_stored(table.c[name]) for name in names)).where(*where).limit(most)
    query = query.order_by(*(table.c[name] for name in name_columns(kind)))
    for row in session.connection().execute(query.with_for_update() if lock else query).mappings():
        found = {name: row[name] for name in names}
        named = tuple(found[name] for name in name_columns(kind))
        for name in names:
            if isinstance(found[name], Closed):
                found[name] = found[name].opened(place_of(table.c[name], named))
            elif isinstance(table.c[name].type, Boolean) and found[name] in {0, 1}:
                found[name] = bool(found[name])
        yield found


def _as_stored(column: Column[object]) -> ColumnElement[int] | ColumnElement[object]:
    """Reads a boolean as the number that SQLite stores: a text there would be read as true, but match no query for
    true.
    """
    return type_coerce(column, Integer).label(column.key) if isinstance(column.type, Boolean) else column


def named(kind: type[SealedRow], rows: Iterable[Name]) -> ColumnElement[bool]:
    """Returns the condition that a row has a name in `rows`."""
    columns = [table_of(kind).c[name] for name in name_columns(kind)]
    if len(columns) == 1:
        return columns[0].in_([one for (one,) in rows])
    return tuple_(*columns).in_(list(rows))


def does_hold(ring: KeyRing, kind: type[SealedRow], values: Mapping[str, object]) -> bool:
    """Checks whether the row with these plain values has a valid seal of the service."""
    seal = values["seal"]
    try:
        content = content_of(str(kind.__tablename__), {name: values[name] for name in covered(kind)})
    except TypeError:  # a value that does not open, or is not ours
        return False
    return isinstance(seal, str) and ring.holds(seal, content)


def is_ours(session: orm.Session, kind: type[SealedRow], values: Mapping[str, object]) -> bool:
    """Returns whether the row with these plain values has a seal of ours, and is not in doubt."""
    keys = keys_of(session.get_bind().dialect)
    if not does_hold(keys.ring, kind, values):
        return False
    if not keys.doubted:
        return True
    name = tuple(values[column] for column in name_columns(kind))
    return written_name(str(kind.__tablename__), name) not in keys.doubted


def renew_seals(session: Session, kind: type[SealedRow], rows: Iterable[Mapping[str, object]]) -> int:
    """Gives those of these rows that an older key sealed the seal of the newest; returns how many. One whose seal does
    not hold keeps it.
    """
    old = [tuple(row[name] for name in name_columns(kind)) for row in rows if needs_old_key(session, kind, row)]
    seal_anew(session, kind, old)
    return len(old)


def needs_old_key(session: Session, kind: type[SealedRow], row: Mapping[str, object]) -> bool:
    """Checks whether the seal of this row is valid, but was made by an older key."""
    ring = ring_of(session)
    return does_hold(ring, kind, row) and not ring.is_newest(str(row["seal"]))


def pages(session: Session, kind: type[SealedRow], last: Name | None = None) -> Iterator[list[dict[str, object]]]:
    """Yields all rows of a table, or those after the name `last`, a portion at a time. A row with an unreadable column
    gets values that no seal matches.
    """
    columns = [table_of(kind).c[name] for name in name_columns(kind)]
    while True:
        after = () if last is None else (tuple_(*columns) > _literals(columns, last),)
        try:
            page = list(stored(session, kind, *after, most=_AT_ONCE))
        except UNREADABLE:
            yield list(_one_by_one(session, kind, *after))
            return
        if page:
            yield page
        if len(page) < _AT_ONCE:
            return
        last = tuple(page[-1][name] for name in name_columns(kind))


def _one_by_one(session: Session, kind: type[SealedRow], *where: ColumnElement[bool]) -> Iterator[dict[str, object]]:
    columns = [table_of(kind).c[name] for name in name_columns(kind)]
    for name in session.connection().execute(select(*columns).where(*where).order_by(*columns)).all():
        try:
            yield from stored(session, kind, named(kind, [tuple(name)]))
        except UNREADABLE:
            names = dict(zip(name_columns(kind), name, strict=True))
            yield dict.fromkeys(covered(kind), _UNREAD) | names | {"seal": None}


def _literals(columns: Sequence[Column[object]], values: Name) -> object:
    return tuple_(*(literal(value, column.type) for column, value in zip(columns, values, strict=True)))


def touched(session: Session) -> dict[tuple[type[SealedRow], Name], str | None]:
    """Returns the sealed rows that this transaction changed, each with its former seal; `None` for a new row."""
    found: dict[tuple[type[SealedRow], Name], str | None] = session.info.setdefault(_TOUCHED, {})
    return found


def forget_touched(session: Session) -> None:
    session.info.pop(_TOUCHED, None)


def seal_anew(session: Session, kind: type[SealedRow], rows: Iterable[Name]) -> None:
    """Gives these rows, as they stand, the seal that they should have."""
    wanted = list(rows)
    for values in stored(session, kind, named(kind, wanted), lock=True) if wanted else ():
        row = tuple(values[name] for name in name_columns(kind))
        touched(session).setdefault((kind, row), cast("str | None", values["seal"]))
        seal = _seal(session, kind, values)
        table = table_of(kind)
        session.connection().execute(table.update().where(named(kind, [row])).values(seal=seal))


def _seal(session: Session, kind: type[SealedRow], values: Mapping[str, object]) -> str:
    return ring_of(session).seal(content_of(str(kind.__tablename__), {name: values[name] for name in covered(kind)}))


def _name_of(row: SealedRow) -> Name:
    return tuple(getattr(row, name) for name in name_columns(type(row)))


def seal_rows(session: Session, context: UOWTransaction, instances: object) -> None:
    """Before a flush, and before `field_sealing.seal_rows`: seals what is new or changed."""
    _ = context, instances
    for row in session.new:
        if isinstance(row, SealedRow):
            row.seal = _seal(session, type(row), {name: getattr(row, name) for name in covered(type(row))})
            touched(session).setdefault((type(row), _name_of(row)), None)
    for row in session.dirty:
        if isinstance(row, SealedRow):
            _seal_changed(session, row)
    for row in session.deleted:
        if isinstance(row, SealedRow):
            _note(session, type(row), named(type(row), [_name_of(row)]))


def _seal_changed(session: Session, row: SealedRow) -> None:
    kind = type(row)
    attributes = inspect(row).attrs
    changed = {name: getattr(row, name) for name in covered(kind) if attributes[name].history.has_changes()}
    if not changed and not attributes["seal"].history.has_changes():  # a merged row has no changes
        return
    name = _name_of(row)
    for values in stored(session, kind, named(kind, [name]), lock=True):
        if not does_hold(ring_of(session), kind, values):
            raise SealBroken(str(kind.__tablename__), written_name("", name)[1:])
        touched(session).setdefault((kind, name), cast("str | None", values["seal"]))
        row.seal = _seal(session, kind, values | changed)


def _note(session: Session, kind: type[SealedRow], *where: ColumnElement[bool]) -> None:
    """Notes rows that are about to be deleted."""
    table = table_of(kind)
    columns = [table.c[name] for name in name_columns(kind)]
    query = select(*columns, table.c.seal).where(*where).with_for_update()
    for *name, seal in session.connection().execute(query):
        touched(session).setdefault((kind, tuple(name)), seal)


def check_row(row: SealedRow, context: QueryContext | None, attributes: Sequence[str] | None = None) -> None:
    """When a row was loaded. Raises `SealBroken`, and `SealPassedBy` where only some columns were read."""
    values = row.__dict__
    kind = type(row)
    if context is None or (attributes is not None and inspect(row).modified):
        return  # not read from the database, or in part: the flush looks at the whole
    if missing := [name for name in (*covered(kind), "seal") if name not in values]:
        raise SealPassedBy(f"{kind.__name__} was read without {', '.join(missing)}: load whole rows")
    if kind.REFUSED and not is_ours(context.session, kind, values):
        raise SealBroken(str(kind.__tablename__), written_name("", _name_of(row))[1:])


def guard_statements(state: ORMExecuteState) -> None:
    """Refuses a statement that would change a column under the seal, and notes the rows that one deletes."""
    statement = state.statement
    if not isinstance(statement, Insert | Update | Delete):
        return
    kind = sealed_tables().get(getattr(statement.table, "name", ""))
    if kind is None or statement.get_execution_options().get(SAME_VALUES):
        return
    if isinstance(statement, Delete):
        state.session.flush()
        _note(cast("Session", state.session), kind, *([] if statement.whereclause is None else [statement.whereclause]))
        return
    set_here = {getattr(column, "key", column) for column in (statement._values or ())}  # noqa: SLF001  (no other way)
    if isinstance(statement, Insert) or not set_here or set_here & {*covered(kind), "seal"}:
        raise SealPassedBy(f"a statement would change rows of {kind.__tablename__} past their seals: change each row")


def seal_what_is_flushed() -> None:
    """From now on rows are sealed when they are flushed: before what else happens then."""
    event.listen(Session, "before_flush", seal_rows)
    event.listen(Session, "do_orm_execute", guard_statements)


def check_what_is_loaded() -> None:
    """From now on rows are checked when they are loaded: after what else happens then."""
    for kind in sealed_tables().values():
        event.listen(kind, "load", check_row)
        event.listen(kind, "refresh", check_row)
