"""Key rotation: encrypts every value again that was encrypted with an older key of the service. The service may run.

Each batch is its own transaction, and skips values that need no change. So after a crash the command can be repeated.
It also skips a value that another transaction has changed meanwhile, because that value has the newest key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from sqlalchemy import Column, Table, Text, exists, func, literal, select, tuple_, type_coerce, update
from sqlmodel import Session, SQLModel, col

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.crypto.encrypted_columns import (
    Encrypted,
    Keys,
    Sealed,
    is_readable,
    keys_of,
    place_of,
    row_columns,
)
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.storage import row_seals
from placement.storage.database import Database
from placement.storage.field_sealing import keys_of_session, missing_keys, require_own_store
from placement.tables import DataKey
from placement.tables.sealed_row import SealedRow

_BATCH = 100
_UNUSED_AFTER = timedelta(days=1)
"""The age at which a key that no row names is certainly unused, because no transaction lasts as long."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column that is read, and the column that is then written: the same column, or its blind index. The column
    contains encrypted values, or the seals of rows.
    """

    table: Table
    column: Column[object]
    renewed: Column[object]
    """The column that is written."""

    @property
    def row(self) -> list[Column[object]]:
        return row_columns(self.table)


def renew(database: Database, report: Callable[[int, int], None]) -> int:
    """Encrypts all values with the newest keys. Returns the number of changed values. Calls `report` with the number of
    checked values and the total.
    """
    keys = keys_of(database.engine.dialect)
    names = keys.store.names()
    with database.transaction() as session:
        require_own_store(session)
        total = len(names) + sum(_count(session, field) for field in [*encrypted_fields(), *_indexed(), *_sealed()])
    seen = renewed = 0
    for name in names:
        renewed += keys.store.rewrap(name)
        seen += 1
        report(seen, total)
    for field, change in [
        *((field, _renew_values) for field in encrypted_fields()),
        *((field, _renew_indexes) for field in _indexed()),
    ]:
        for batch in batches(database, field):
            with database.transaction() as session:
                renewed += change(session, keys, field, batch)
            seen += len(batch)
            report(seen, total)
    for kind, rows in _sealed_batches(database):
        with database.transaction() as session:
            where = row_seals.named(kind, [row_seals.name_in(kind, row) for row in rows])
            renewed += row_seals.renew_seals(session, kind, row_seals.stored(session, kind, where, lock=True))
        seen += len(rows)
        report(seen, total)
    return renewed


def in_need_of_old_keys(database: Database) -> int:
    """Returns the number of values that need an older key. Older keys must not be removed until this number is 0.

    A missing data key is counted too, because its backup may need an older key.
    """
    keys = keys_of(database.engine.dialect)
    with database.transaction() as session:
        require_own_store(session)
        lost = set(missing_keys(session))
    needy = len(lost | {name for name in keys.store.names() if not keys.store.is_wrapped_by_newest(name)})
    for field in encrypted_fields():
        for batch in batches(database, field):
            needy += sum(not keys.ring.is_newest(value) for _, value in batch)
    for field in _indexed():
        for batch in batches(database, field):
            with database.transaction() as session:
                needy += len(_stale_indexes(session, keys, field, batch))
    for kind, rows in _sealed_batches(database):
        with database.transaction() as session:
            needy += sum(row_seals.needs_old_key(session, kind, row) for row in rows)
    return needy


Batch = list[tuple[tuple[object, ...], str]]
"""The rows of a batch: primary key, and stored value of the column."""


def encrypted_fields() -> list[Field]:
    return fields_of(Encrypted)


def fields_of(*kinds: type) -> list[Field]:
    return [
        Field(table, column, column)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, kinds)
    ]


def _indexed() -> list[Field]:
    return [
        Field(field.table, field.column, field.table.columns[kind.index])
        for field in fields_of(Sealed)
        if isinstance(kind := field.column.type, Sealed) and kind.index is not None
    ]


def _sealed() -> list[Field]:
    columns = [row_seals.table_of(kind).columns["seal"] for kind in row_seals.sealed_tables().values()]
    return [Field(column.table, column, column) for column in columns]


def _sealed_batches(database: Database) -> Iterator[tuple[type[SealedRow], list[dict[str, object]]]]:
    """Yields all sealed rows in batches. Each batch is read in its own transaction."""
    for kind in row_seals.sealed_tables().values():
        last: row_seals.Name | None = None
        while True:
            with database.transaction() as session:
                batch = next(row_seals.pages(session, kind, last), [])
            if not batch:
                break
            last = row_seals.name_in(kind, batch[-1])
            yield kind, batch


def _count(session: Session, field: Field) -> int:
    return session.scalars(select(func.count()).select_from(field.table).where(field.column.is_not(None))).one()


def batches(database: Database, field: Field) -> Iterator[Batch]:
    """Yields all stored values of a column in batches. Each batch is read in its own transaction."""
    last: tuple[object, ...] | None = None
    while True:
        query = select(*field.row, type_coerce(field.column, Text)).where(field.column.is_not(None))
        if last is not None:
            query = query.where(tuple_(*field.row) > tuple_(*map(literal, last)))
        with database.transaction() as session:
            rows = session.execute(query.order_by(*field.row).limit(_BATCH)).all()
        if not rows:
            return
        batch = [(tuple(row[:-1]), row[-1]) for row in rows]
        last = batch[-1][0]
        yield batch


def _renew_values(session: Session, keys: Keys, field: Field, batch: Batch) -> int:
    renewed = 0
    for row, stored in batch:
        if keys.ring.is_newest(stored):
            continue
        try:
            new = keys.ring.renew(stored, place_of(field.column, row))
        except InvalidTag:  # damaged, or copied from another row
            continue
        _change(session, field, row, stored, {field.renewed: literal(new, Text)})
        renewed += 1
    return renewed


def _renew_indexes(session: Session, keys: Keys, field: Field, batch: Batch) -> int:
    stale = _stale_indexes(session, keys, field, batch)
    for row, stored, index in stale:
        _change(session, field, row, stored, {field.renewed: index})
    return len(stale)


_Stale = tuple[tuple[object, ...], str, str]
"""Primary key, stored value, and correct blind index of a row."""


def _stale_indexes(session: Session, keys: Keys, field: Field, batch: Batch) -> list[_Stale]:
    """Returns the rows whose blind index was not made with the newest key."""
    column = field.column
    purpose = f"{field.table.name}.{column.name}"
    stale = []
    for row, stored in batch:
        if keys.store.is_destroyed(stored.partition(":")[0]):  # a restored backup; the retention job deletes the value
            continue
        same = tuple_(*field.row) == tuple_(*map(literal, row)), type_coerce(column, Text) == stored
        found = session.execute(select(column, field.renewed).where(*same)).first()
        if found is None:
            continue
        value = found[0].opened(place_of(column, row))
        if not is_readable(value):  # its key is missing; possible only after the key is restored
            continue
        if found[1] != (wanted := keys.ring.index(purpose, value)):
            stale.append((row, stored, wanted))
    return stale


def _change(session: Session, field: Field, row: tuple[object, ...], stored: str, values: dict[object, object]) -> None:
    here = tuple_(*field.row) == tuple_(*map(literal, row))
    session.execute(update(field.table).where(here, type_coerce(field.column, Text) == stored).values(values))


def remove_unused(act: Act) -> int:
    """Deletes data keys whose transactions were rolled back, so that no row uses them. Returns their number."""
    require_own_store(act.session)
    store = keys_of_session(act.session).store
    named = set(act.session.scalars(select(col(DataKey.owner))))
    old = (name for name in store.names() if name not in named and store.made_at(name) < act.at - _UNUSED_AFTER)
    unused = [name for name in old if not _is_used(act.session, name)]
    for name in unused:
        store.remove(name)
    if unused:
        audit_log.write(act.by_the_system(), Event.UNUSED_KEYS_REMOVED, count=len(unused))
    return len(unused)


def _is_used(session: Session, name: str) -> bool:
    """Checks whether this key encrypted any stored value. Reads the values, because the list of keys may be wrong."""
    return name == PSEUDONYMS or any(
        session.scalars(select(exists().where(type_coerce(field.column, Text).startswith(f"{name}:")))).one()
        for field in fields_of(Sealed)
    )
