"""Envelope encryption of fields: each row's secrets are encrypted with the key of their owner, and the key is destroyed
when its term ends.

A key is on the disk before the transaction that uses it can commit, so no stored content refers to a key that a crash
lost. A transaction that is rolled back may leave a key that nothing uses: `key_rotation.py` removes it. That is done
when keys are rotated, and not by a job: a backup that is restored for a while lacks newer keys, and no clock knows
that.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import UOWTransaction
from sqlalchemy.orm.attributes import set_attribute, set_committed_value
from sqlmodel import Session, col, select

from placement.core import clock
from placement.core.context import Act
from placement.core.errors import Conflict, KeyMissing, Misconfigured
from placement.crypto.encrypted_columns import Keys, Sealed, Secret, keys_of, sealed_with
from placement.tables import DataKey, KeyStoreName
from placement.tables.audit import OF_A_DAY

_PLAIN = "sealed rows, and their plain values"
_TO_DESTROY = "keys to destroy at the end"

_NAME_UNLESS_NAMED = {
    dialect.name: insert(DataKey).on_conflict_do_nothing().returning(col(DataKey.owner))
    for dialect, insert in ((postgresql.dialect, postgresql.insert), (sqlite.dialect, sqlite.insert))
}
"""By store: adds the row of an owner, and answers its name where there was none; made once, as every secret asks it."""


def seal(session: Session, owner: str, value: Any) -> Secret:
    """The value, encrypted with the key of this owner, which is made where there is none.

    Raises `Conflict` where the key was destroyed, and where it is missing: another one in its place would be lost when
    its backup is restored, or would leave what is encrypted already unreadable for ever. Only the stored answers of a
    day go on under another name.
    """
    store = keys_of_session(session).store
    name = _NAME_UNLESS_NAMED[session.get_bind().dialect.name]
    is_new = session.connection().execute(name, {"owner": owner, "made_at": clock.now()}).first() is not None
    try:
        key = store.make(owner) if is_new else store.key(owner)
    except KeyMissing as missing:
        if owner.startswith(OF_A_DAY):  # of no registration, and what was encrypted before is not needed to go on
            return seal(session, f"{owner}-2", value)
        raise Conflict("content_unreadable", owner=owner) from missing
    return sealed_with(owner, key, value)


def missing_keys(session: Session, owners: Iterable[str] | None = None) -> list[str]:
    """Owners, all or of these, whose key is missing or damaged: what was encrypted with it is unreadable."""
    store = keys_of_session(session).store
    named = select(DataKey.owner).where(col(DataKey.destroyed_at).is_(None)).order_by(DataKey.owner)
    if owners is not None:
        named = named.where(col(DataKey.owner).in_(list(owners)))
    return [owner for owner in session.exec(named) if not store.opens(owner)]


def seal_rows(session: Session, context: UOWTransaction, instances: Any) -> None:
    """Before a flush: encrypts each changed secret of each row with the key that its column names."""
    _ = context, instances
    plain: list[tuple[Any, str, Any]] = session.info.setdefault(_PLAIN, [])
    for row in [*session.new, *session.dirty]:
        for name, kind in sealed_columns(type(row)):
            value = getattr(row, name) if row in session.new else _changed(row, name)
            if value is _SAME:
                continue
            if kind.index is not None:
                found = None if value is None else keys_of_session(session).ring.index(_purpose(row, name), value)
                setattr(row, kind.index, found)
            if value is not None:
                set_attribute(row, name, seal(session, getattr(row, kind.owner), value))
                plain.append((row, name, value))


def show_rows(session: Session, context: UOWTransaction) -> None:
    """After a flush: gives the rows their plain values again."""
    _ = context
    for row, name, value in session.info.pop(_PLAIN, []):
        set_committed_value(row, name, value)


def sealed_columns(table: type[Any]) -> list[tuple[str, Sealed]]:
    columns = inspect(table).columns
    return [(column.key, column.type) for column in columns if isinstance(column.type, Sealed)]


def found_by(session: Session, table: type[Any], name: str, text: str) -> Any:
    """The condition that an encrypted text with a blind index equals this one."""
    [kind] = [kind for column, kind in sealed_columns(table) if column == name]
    stored = keys_of_session(session).ring.indexes(f"{table.__tablename__}.{name}", text)
    return getattr(table, str(kind.index)).in_(stored)


def destroy_keys(act: Act, owners: Iterable[str]) -> None:
    """Destroys keys at the end of the transaction, for good: what was encrypted with them is then unreadable in every
    copy.
    """
    require_own_store(act.session)
    named = sorted(owners)
    known = act.session.exec(
        select(DataKey.owner).where(col(DataKey.owner).in_(named), col(DataKey.destroyed_at).is_(None))
    ).all()
    act.session.execute(update(DataKey).where(col(DataKey.owner).in_(known)).values(destroyed_at=act.at))
    act.session.info.setdefault(_TO_DESTROY, []).extend(sorted(known))


def destroy_named(session: Session) -> None:
    """The last step before a commit: the rows are emptied, and the audit event is stored."""
    for owner in session.info.pop(_TO_DESTROY, []):
        keys_of_session(session).store.destroy(owner)


def owns_its_store(session: Session) -> bool:
    """Whether the key store is the one that this database was made with."""
    return session.exec(select(KeyStoreName.id)).first() == keys_of_session(session).store.id()


def require_own_store(session: Session) -> None:
    """Before any destruction: an empty folder, or that of another database, says nothing about our keys."""
    if not owns_its_store(session):
        raise Misconfigured(
            "the key store is not this database's: look at PLACEMENT_KEY_STORE, and whether it is mounted"
        )


def found_store(session: Session, at: datetime) -> None:
    """Binds a new database to its key store."""
    if session.exec(select(KeyStoreName.id)).first() is None:
        session.add(KeyStoreName(id=keys_of_session(session).store.found(), since=at))


def keys_of_session(session: Session) -> Keys:
    return keys_of(session.get_bind().dialect)


class _Same:
    """A value that this flush does not change."""


_SAME = _Same()


def _changed(row: Any, name: str) -> Any:
    history = inspect(row).attrs[name].history
    return history.added[0] if history.added else _SAME


def _purpose(row: Any, name: str) -> str:
    return f"{row.__tablename__}.{name}"
