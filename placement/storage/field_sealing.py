"""Envelope encryption of fields. The secret columns of a row are encrypted with the data key of the row's owner, for
example of a registration. The data key is destroyed when its retention term ends.

A key is written to disk before the transaction that uses it commits. So a crash never leaves content without its key. A
rollback can leave an unused key, which `key_rotation.py` removes when keys are rotated. No periodic job removes unused
keys: a restored backup of the database may lack rows whose keys are still needed.

A value is encrypted when its row is flushed, and decrypted when its row is loaded. The ciphertext is bound to the row.
A query of a single encrypted column returns it as `Closed`; load the whole row instead.
"""

import hmac
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, event, inspect, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import UOWTransaction
from sqlalchemy.orm.attributes import set_attribute, set_committed_value
from sqlmodel import Session, SQLModel, col, select

from placement.core import clock
from placement.core.context import Act
from placement.core.errors import Conflict, KeyMissing, Misconfigured
from placement.crypto.cipher import Cipher, Place, derived
from placement.crypto.encrypted_columns import (
    Closed,
    Encrypted,
    Keys,
    Sealed,
    Secret,
    Unreadable,
    encrypted_with,
    keys_of,
    place_of,
    row_columns,
    sealed_with,
)
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.tables import DataKey, KeyStoreName
from placement.tables.audit import OF_A_DAY
from placement.tables.help_desk import OF_NOTES
from placement.tables.keys import begin_of_changes

_PLAIN = "sealed rows, and their plain values"
_TO_DESTROY = "keys to destroy at the end"

_NAME_UNLESS_NAMED = {
    dialect.name: insert(DataKey).on_conflict_do_nothing().returning(col(DataKey.owner))
    for dialect, insert in ((postgresql.dialect, postgresql.insert), (sqlite.dialect, sqlite.insert))
}
"""The statement that adds the name of an owner, by database type. It returns the name only if the name is new."""


def seal(session: Session, owner: str, value: object, place: Place) -> Secret:
    """Encrypts the value for this place (table, column, row). Makes the data key of the owner if the owner is new.

    Raises `Conflict` if the key was destroyed or is missing, because a new key could not decrypt the owner's other
    values. Only a missing key of a day's stored answers or notes is replaced, under a new name.
    """
    return sealed_with(*_key_of(session, owner), place, value)


def _key_of(session: Session, owner: str) -> tuple[str, Cipher]:
    store = keys_of_session(session).store
    name = _NAME_UNLESS_NAMED[session.get_bind().dialect.name]
    is_new = session.connection().execute(name, {"owner": owner, "made_at": _today()}).first() is not None
    try:
        return owner, store.make(owner) if is_new else store.key(owner)
    except KeyMissing as missing:
        if owner.startswith((OF_A_DAY, OF_NOTES)):  # their earlier content is not needed
            return _key_of(session, f"{owner}-2")
        raise Conflict("content_unreadable", owner=owner) from missing


def keyed_hash(session: Session, owner: str, text: str) -> str:
    """Returns an HMAC of the text with the data key of this owner. Makes the key if the owner has no key yet."""
    name, _ = _key_of(session, owner)
    key = keys_of_session(session).store.key_text(name)
    return hmac.digest(derived(key, f"placement keyed hash: {name}"), text.encode(), "sha256").hex()


def _today() -> datetime:
    """Returns the start of today. A key gets this time, so that it does not disclose the time of a registration."""
    return clock.start_of(clock.day_of(clock.now()))


def missing_keys(session: Session, owners: Iterable[str] | None = None) -> list[str]:
    """Returns the owners whose data key is missing or damaged. Checks all owners by default."""
    store = keys_of_session(session).store
    named = select(DataKey.owner).where(col(DataKey.destroyed_at).is_(None)).order_by(DataKey.owner)
    if owners is not None:
        named = named.where(col(DataKey.owner).in_(list(owners)))
    return [owner for owner in session.exec(named) if not store.opens(owner)]


def seal_rows(session: Session, context: UOWTransaction, instances: object) -> None:
    """Encrypts the changed secret columns of each row before a flush."""
    _ = context, instances
    plain: list[tuple[object, str, object]] = session.info.setdefault(_PLAIN, [])
    keys: dict[str, tuple[str, Cipher]] = {}
    for row in [*session.new, *session.dirty]:
        for column in _secrets_of(type(row)):
            name, kind, state = column.key, column.type, inspect(row)
            if state.persistent and not state.attrs[name].history.added:
                continue
            value = getattr(row, name)
            if isinstance(kind, Sealed) and kind.index is not None:
                ring, purpose = keys_of_session(session).ring, f"{column.table.name}.{name}"
                setattr(row, kind.index, None if value is None else ring.index(purpose, value))
            if value is not None:
                set_attribute(row, name, _encrypted(session, row, column, value, keys))
                plain.append((row, name, value))


def sealed_values(session: Session, row: object) -> dict[str, object]:
    """Returns the values of a row with secrets encrypted, for statements that insert without a flush."""
    secrets = {column.key: column for column in _secrets_of(type(row))}
    keys: dict[str, tuple[str, Cipher]] = {}
    values = {name: getattr(row, name) for name in inspect(type(row)).columns.keys()}  # noqa: SIM118  (no dict)
    return {
        name: value if value is None or name not in secrets else _encrypted(session, row, secrets[name], value, keys)
        for name, value in values.items()
    }


def show_rows(session: Session, context: UOWTransaction) -> None:
    """Puts the plain values back into the rows after a flush."""
    _ = context
    for row, name, value in session.info.pop(_PLAIN, []):
        set_committed_value(row, name, value)


def open_row(row: object, *_: object) -> None:
    """Decrypts the encrypted columns of a loaded row. If one value is damaged, all values of the row under the same key
    become `Unreadable`, so that a row is never shown in part.
    """
    values = row.__dict__
    unreadable: dict[str, Unreadable] = {}
    for column in _secrets_of(type(row)):
        closed = values.get(column.key)
        if isinstance(closed, Closed):
            named = tuple(values[name] if name in values else getattr(row, name) for name in _row_names(type(row)))
            opened = values[column.key] = closed.opened(place_of(column, named))
            if isinstance(opened, Unreadable) and isinstance(column.type, Sealed):
                unreadable[column.type.owner] = opened
    if unreadable:
        for name, kind in sealed_columns(type(row)):
            if kind.owner in unreadable and values.get(name) is not None:
                values[name] = unreadable[kind.owner]


def open_rows_of(tables: Iterable[type[object]]) -> None:
    """Makes rows of these tables decrypt themselves when they are loaded. Ignores a class that is not a table."""
    for table in tables:
        if issubclass(table, SQLModel) and _secrets_of(table):
            event.listen(table, "load", open_row)
            event.listen(table, "refresh", open_row)


def place_named(table: type[object], name: str, *row: object) -> Place:
    return place_of(inspect(table).columns[name], row)


def values_alone(
    session: Session, table: type[object], name: str, *where: ColumnElement[bool], most: int | None = None
) -> dict[str, Any]:
    """Returns the decrypted values of one column, by primary key. Loads no rows, so the caller cannot change rows."""
    columns = inspect(table).columns
    [key], column = inspect(table).primary_key, columns[name]
    found = session.execute(select(key, column).where(*where).limit(most))
    return {row: value.opened(place_of(column, (row,))) if isinstance(value, Closed) else value for row, value in found}


def sealed_columns(table: type[object]) -> list[tuple[str, Sealed]]:
    return [(column.key, column.type) for column in _secrets_of(table) if isinstance(column.type, Sealed)]


_SECRETS: dict[type[object], tuple[Column[object], ...]] = {}
_ROW_NAMES: dict[type[object], tuple[str, ...]] = {}
"""The encrypted columns, and the primary-key columns, of each table. Cached, because every loaded row needs them."""


def _secrets_of(table: type[object]) -> tuple[Column[object], ...]:
    if table not in _SECRETS:
        columns = inspect(table).columns
        _SECRETS[table] = tuple(column for column in columns if isinstance(column.type, Sealed | Encrypted))
    return _SECRETS[table]


def _row_names(table: type[object]) -> tuple[str, ...]:
    if table not in _ROW_NAMES:
        _ROW_NAMES[table] = tuple(column.key for column in row_columns(inspect(table).local_table))
    return _ROW_NAMES[table]


def _encrypted(
    session: Session, row: object, column: Column[object], value: object, keys: dict[str, tuple[str, Cipher]]
) -> Secret:
    """Returns the encrypted value of a column. `keys`: a cache of the data keys that this flush has used."""
    place = place_of(column, tuple(getattr(row, name) for name in _row_names(type(row))))
    if isinstance(column.type, Sealed):
        owner = getattr(row, column.type.owner)
        if owner not in keys:
            keys[owner] = _key_of(session, owner)
        return sealed_with(*keys[owner], place, column.type.plain(value), column.type.block)
    return encrypted_with(keys_of_session(session).ring, place, cast("Encrypted", column.type).plain(value))


def found_by(session: Session, table: type[SQLModel], name: str, text: str) -> ColumnElement[bool]:
    """Returns the condition that an encrypted column equals this text. Uses the column's blind index."""
    [kind] = [kind for column, kind in sealed_columns(table) if column == name]
    stored = keys_of_session(session).ring.indexes(f"{table.__tablename__}.{name}", text)
    found: ColumnElement[bool] = getattr(table, str(kind.index)).in_(stored)
    return found


def destroy_keys(act: Act, owners: Collection[str]) -> None:
    """Destroys data keys at the end of the transaction. Values that they encrypt are then unreadable for ever, also in
    backups. For a case, the keys of its changes are destroyed too.
    """
    require_own_store(act.session)
    named = sorted({*owners, *(change for owner in owners for change in changes_of(act.session, owner))})
    known = act.session.exec(
        select(DataKey.owner).where(col(DataKey.owner).in_(named), col(DataKey.destroyed_at).is_(None))
    ).all()
    act.session.execute(update(DataKey).where(col(DataKey.owner).in_(known)).values(destroyed_at=act.at))
    act.session.info.setdefault(_TO_DESTROY, []).extend(sorted(known))


def changes_of(session: Session, registration_id: str) -> Sequence[str]:
    """Returns the names of the keys for the changes of a case, except destroyed keys."""
    named = col(DataKey.owner).startswith(begin_of_changes(registration_id), autoescape=True)
    return session.exec(select(DataKey.owner).where(named, col(DataKey.destroyed_at).is_(None))).all()


def destroy_named(session: Session) -> None:
    """Destroys the keys that `destroy_keys` named. The last step before a commit, after the audit event was stored."""
    for owner in session.info.pop(_TO_DESTROY, []):
        keys_of_session(session).store.destroy(owner)


def owns_its_store(session: Session) -> bool:
    """Checks whether this database was made with this key store."""
    return session.exec(select(KeyStoreName.id)).first() == keys_of_session(session).store.id()


def require_own_store(session: Session) -> None:
    """Raises `Misconfigured` if the key store is empty or of another database. Called before keys are destroyed."""
    if not owns_its_store(session):
        raise Misconfigured(
            "the key store is not this database's: look at PLACEMENT_KEY_STORE, and whether it is mounted"
        )


def found_store(session: Session, at: datetime) -> None:
    """Binds a new database to its key store, and makes the key of its pseudonyms."""
    if session.exec(select(KeyStoreName.id)).first() is None:
        session.add(KeyStoreName(id=keys_of_session(session).store.found(), since=at))
    if session.get(DataKey, PSEUDONYMS) is None:
        session.add(DataKey(owner=PSEUDONYMS, made_at=at))
        keys_of_session(session).store.make(PSEUDONYMS)


def keys_of_session(session: Session) -> Keys:
    return keys_of(session.get_bind().dialect)
