"""Seals of rows that decide (`SealedRow`): a write into the database without the service's keys grants nothing.

The seal is `key.version.MAC`. The MAC covers table, name of the row, version and columns. An encrypted value is covered
by its tag: another ciphertext with the same tag does not open. So an older ciphertext is as wrong as a forgery, and
nothing is opened for the check. The version counts the changes of the row. Empty columns are left out, so that a
migration may add a column.

A row is checked when it is loaded. Before a change it is checked again in its stored form, under a lock: columns that
the transaction does not change keep the stored values. What happens to a row in doubt: `InDoubt`.

Changes are recorded for `row_ledger.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import cast

import msgspec
from cryptography.exceptions import InvalidTag
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Delete,
    Insert,
    Integer,
    Result,
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
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, load_only
from sqlalchemy.sql.base import ExecutableOption
from sqlmodel import Session, SQLModel

from placement.core.errors import SealBroken
from placement.crypto.encrypted_columns import Closed, Encrypted, Sealed, Secret, keys_of, row_columns
from placement.crypto.key_ring import KeyRing
from placement.tables.columns import attribute
from placement.tables.sealed_row import InDoubt, SealedRow

_TOUCHED = "sealed rows of this transaction"
_RELEASED = "rows in doubt that this transaction may seal"
_AT_ONCE = 500
_TAG_CHARACTERS = 24
"""The end of a ciphertext that contains its tag of 16 bytes."""

UNREADABLE = (LookupError, TypeError, ValueError, InvalidTag)
"""Errors of a stored value that does not fit the type of its column: the service never wrote it."""

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
    names, outside = name_columns(kind), {"seal", *kind.OUTSIDE}
    columns = table_of(kind).columns
    return tuple(one.key for one in columns if one.key not in outside and (not one.primary_key or one.key in names))


@cache
def secrets_of(kind: type[SealedRow]) -> frozenset[str]:
    """The columns that are covered by the tags of their ciphertexts."""
    columns = table_of(kind).columns
    return frozenset(name for name in covered(kind) if isinstance(columns[name].type, Sealed | Encrypted))


def version_of(seal: object) -> int:
    """Returns the version that a seal states; 0 for what is no seal."""
    version = seal.partition(".")[2].partition(".")[0] if isinstance(seal, str) else ""
    return int(version) if version.isdecimal() else 0


def _content_of(kind: type[SealedRow], version: int, values: Mapping[str, object]) -> bytes:
    """Returns the content under the seal: table, version and, by name, each covered column that is not empty. A secret
    without a ciphertext is empty: an empty list is stored as nothing.
    """
    secrets = secrets_of(kind)
    given = {
        name: _plain(values[name])
        for name in covered(kind)
        if values[name] is not None and (name not in secrets or isinstance(values[name], Closed | Secret))
    }
    return _FORM.encode((str(kind.__tablename__), version, given))


def _plain(value: object) -> object:
    if isinstance(value, Closed | Secret):
        return value.stored[-_TAG_CHARACTERS:]
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


_FORM = msgspec.json.Encoder(order="sorted")


def only(kind: type[SQLModel], *columns: object) -> ExecutableOption:
    """The option of a query that reads these columns alone; of rows that are not shown in doubt, all under the seal."""
    sealed = (*covered(kind), "seal") if issubclass(kind, SealedRow) and kind.IN_DOUBT is not InDoubt.SHOWN else ()
    return load_only(*map(attribute, columns), *(getattr(kind, name) for name in sealed))


def ring_of(session: orm.Session) -> KeyRing:
    return keys_of(session.get_bind().dialect).ring


def written_name(table: str, name: Name) -> str:
    """Table and row, as they stand in the audit log and in messages."""
    return "/".join([table, *map(str, name)])


def stored(
    session: Session, kind: type[SealedRow], *where: ColumnElement[bool], lock: bool = False, most: int | None = None
) -> Iterator[dict[str, object]]:
    """The rows as they are stored now, in the order of their names, with their seals; encrypted values are closed."""
    table = table_of(kind)
    names = (*dict.fromkeys((*name_columns(kind), *covered(kind))), "seal")
    query = select(*(_as_stored(table.c[name]) for name in names)).where(*where).limit(most)
    query = query.order_by(*(table.c[name] for name in name_columns(kind)))
    for row in session.connection().execute(query.with_for_update(key_share=True) if lock else query).mappings():
        found = {name: row[name] for name in names}
        for name in names:
            if isinstance(table.c[name].type, Boolean) and found[name] in {0, 1}:
                found[name] = bool(found[name])
        yield found


def _as_stored(column: Column[object]) -> ColumnElement[int] | ColumnElement[object]:
    """Reads a boolean as the number that SQLite stores: a text there would be read as true, but match no query for
    true.
    """
    return type_coerce(column, Integer).label(column.key) if isinstance(column.type, Boolean) else column


def named(kind: type[SealedRow], rows: Iterable[Name]) -> ColumnElement[bool]:
    """Returns the condition that a row has a name in `rows`."""
    columns = [getattr(kind, name) for name in name_columns(kind)]
    if len(columns) == 1:
        found: ColumnElement[bool] = columns[0].in_([one for (one,) in rows])
        return found
    return tuple_(*columns).in_(list(rows))


def does_hold(ring: KeyRing, kind: type[SealedRow], values: Mapping[str, object]) -> bool:
    """Checks whether the row with these values has a valid seal of the service."""
    seal = values["seal"]
    try:
        content = _content_of(kind, version_of(seal), values)
    except UNREADABLE:  # a value that is not ours
        return False
    key, _, mac = str(seal).partition(".")
    return ring.holds(f"{key}.{mac.partition('.')[2]}", content)


def is_ours(session: orm.Session, kind: type[SealedRow], values: Mapping[str, object]) -> bool:
    """Returns whether the row with these values has a seal of ours, and is not in doubt."""
    keys = keys_of(session.get_bind().dialect)
    if not does_hold(keys.ring, kind, values):
        return False
    return not keys.doubted or written_name(str(kind.__tablename__), name_in(kind, values)) not in keys.doubted


def name_in(kind: type[SealedRow], values: Mapping[str, object]) -> Name:
    return tuple(values[column] for column in name_columns(kind))


def renew_seals(session: Session, kind: type[SealedRow], rows: Iterable[Mapping[str, object]]) -> int:
    """Gives those of these rows that an older key sealed the seal of the newest; returns how many. A broken seal stays
    broken.
    """
    old = [name_in(kind, row) for row in rows if needs_old_key(session, kind, row)]
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
        last = name_in(kind, page[-1])


def _one_by_one(session: Session, kind: type[SealedRow], *where: ColumnElement[bool]) -> Iterator[dict[str, object]]:
    columns = [table_of(kind).c[name] for name in name_columns(kind)]
    for name in session.connection().execute(select(*columns).where(*where).order_by(*columns)).all():
        try:
            yield from stored(session, kind, named(kind, [tuple(name)]))
        except UNREADABLE:
            yield dict.fromkeys((*covered(kind), "seal")) | dict(zip(name_columns(kind), name, strict=True))


def _literals(columns: Sequence[Column[object]], values: Name) -> object:
    return tuple_(*(literal(value, column.type) for column, value in zip(columns, values, strict=True)))


def touched(session: Session) -> dict[tuple[type[SealedRow], Name], str | None]:
    """Returns the sealed rows that this transaction changed, each with its former seal; `None` for a new row."""
    found: dict[tuple[type[SealedRow], Name], str | None] = session.info.setdefault(_TOUCHED, {})
    return found


def released(session: Session) -> set[tuple[type[SealedRow], Name]]:
    """Returns the rows in doubt that this transaction may seal anew."""
    found: set[tuple[type[SealedRow], Name]] = session.info.setdefault(_RELEASED, set())
    return found


def forget_touched(session: Session) -> None:
    session.info.pop(_TOUCHED, None)


def seal_anew(session: Session, kind: type[SealedRow], rows: Iterable[Name]) -> None:
    """Gives these rows, as they stand, the seal that they should have, with the next version."""
    wanted, table = list(rows), table_of(kind)
    for values in stored(session, kind, named(kind, wanted), lock=True) if wanted else ():
        row, seal = name_in(kind, values), cast("str | None", values["seal"])
        touched(session).setdefault((kind, row), seal)
        new = _seal(session, kind, values, seal)
        session.connection().execute(table.update().where(named(kind, [row])).values(seal=new))


def _seal(session: Session, kind: type[SealedRow], values: Mapping[str, object], before: str | None = None) -> str:
    version = 1 + version_of(before)
    content = _content_of(kind, version, values)
    key, _, mac = ring_of(session).seal(content).partition(".")
    return f"{key}.{version}.{mac}"


def name_of(row: SealedRow) -> Name:
    return tuple(getattr(row, name) for name in name_columns(type(row)))


def seal_rows(session: Session, context: UOWTransaction, instances: object) -> None:
    """Before a flush, and after `field_sealing.seal_rows`: seals what is new or changed."""
    _ = context, instances
    for row in session.new:
        if isinstance(row, SealedRow):
            row.seal = _seal(session, type(row), {name: getattr(row, name) for name in covered(type(row))})
            touched(session).setdefault((type(row), name_of(row)), None)
    dirty = [row for row in session.dirty if isinstance(row, SealedRow)]
    for row in sorted(dirty, key=lambda row: (str(row.__tablename__), tuple(map(str, name_of(row))))):
        _seal_changed(session, row)
    for row in session.deleted:
        if isinstance(row, SealedRow):
            _note(session, type(row), named(type(row), [name_of(row)]))


def _seal_changed(session: Session, row: SealedRow) -> None:
    kind = type(row)
    attributes = inspect(row).attrs
    changed = {name: getattr(row, name) for name in covered(kind) if attributes[name].history.has_changes()}
    if not changed and not attributes["seal"].history.has_changes():  # a merged row has no changes
        return
    name = name_of(row)
    for values in stored(session, kind, named(kind, [name]), lock=True):
        if not is_ours(session, kind, values) and (kind, name) not in released(session):
            raise SealBroken(str(kind.__tablename__), written_name("", name)[1:])
        before = cast("str | None", values["seal"])
        touched(session).setdefault((kind, name), before)
        row.seal = _seal(session, kind, values | changed, before)


def _note(session: Session, kind: type[SealedRow], *where: ColumnElement[bool]) -> None:
    """Notes rows that are about to be deleted."""
    table = table_of(kind)
    columns = [table.c[name] for name in name_columns(kind)]
    query = select(*columns, table.c.seal).where(*where).with_for_update()
    for *name, seal in session.connection().execute(query):
        touched(session).setdefault((kind, tuple(name)), seal)


def guard_statements(state: ORMExecuteState) -> Result[tuple[object, ...]] | None:
    """Seals anew what a statement changes, and notes the rows that it deletes."""
    statement = state.statement
    if not isinstance(statement, Insert | Update | Delete):
        return None
    kind = sealed_tables().get(getattr(statement.table, "name", ""))
    if kind is None:
        return None
    session = cast("Session", state.session)
    if isinstance(statement, Delete):
        session.flush()
        _note(session, kind, *([] if statement.whereclause is None else [statement.whereclause]))
        return None
    set_here = {getattr(column, "key", column) for column in (statement._values or ())}  # noqa: SLF001  (no other way)
    if isinstance(statement, Insert) or not set_here or "seal" in set_here:
        raise SealPassedBy(f"a statement would change rows of {kind.__tablename__} past their seals: change each row")
    return _sealed_anew_after(state, session, kind) if set_here & {*covered(kind)} else None


def _sealed_anew_after(state: ORMExecuteState, session: Session, kind: type[SealedRow]) -> Result[tuple[object, ...]]:
    """Runs a statement that changes many rows, and seals these anew; a seal that does not hold stays as it is."""
    session.flush()
    clause = cast("Update", state.statement).whereclause
    rows = list(stored(session, kind, *([] if clause is None else [clause]), lock=True))
    result = state.invoke_statement()
    seal_anew(session, kind, [name_in(kind, row) for row in rows if does_hold(ring_of(session), kind, row)])
    return cast("Result[tuple[object, ...]]", result)


def typed(kind: type[SealedRow], written: str) -> Name:
    """Returns the name of a row as it stands in its columns, from its written form."""
    columns = [table_of(kind).c[one] for one in name_columns(kind)]
    parts = written.split("/", len(columns) - 1)
    return tuple(int(part) if isinstance(one.type, Integer) else part for one, part in zip(columns, parts, strict=True))


def seal_what_is_flushed() -> None:
    """From now on rows are sealed when they are flushed: after the fields are encrypted."""
    event.listen(Session, "before_flush", seal_rows)
    event.listen(Session, "do_orm_execute", guard_statements)
