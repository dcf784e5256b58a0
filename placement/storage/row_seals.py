"""The seals of rows on which access and placement depend (`SealedRow`). Somebody who can write into the database but
has no key cannot make a valid row.

The seal is `key.version.MAC`. The MAC covers table, primary key, version and columns. The version counts the changes of
the row. For an encrypted column the MAC covers only the authentication tag of the ciphertext, because no other
ciphertext with this tag can be decrypted. Empty columns are left out, so that a migration may add a column.

A seal is checked when its row is loaded, and again before the row is changed. The second check locks the row and reads
its stored form. `InDoubt` lists how the service treats a row whose seal is not valid.

Changed rows are recorded for `row_ledger.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import cast, get_args

import msgspec
from cryptography.exceptions import InvalidTag
from sqlalchemy import (
    JSON,
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Integer,
    Select,
    Table,
    bindparam,
    func,
    inspect,
    literal,
    null,
    orm,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import load_only
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel

from placement.crypto.encrypted_columns import Closed, Encrypted, Keys, Sealed, Secret, keys_of, row_columns
from placement.crypto.key_ring import KeyRing
from placement.crypto.pseudonyms import Pseudonym
from placement.tables.columns import attribute
from placement.tables.sealed_row import InDoubt, SealedRow

_KEYS = "keys of the seals"
_TOUCHED = "sealed rows of this transaction"
_RELEASED = "rows in doubt that this transaction may seal"
_ABSENT = "columns that the tables of the version before lack"
_AT_ONCE = 500
_CIPHERTEXTS = (Closed, Secret)
_NEVER_VALID = "stays.0.in-doubt"
_TAG_CHARACTERS = 24
"""How many characters at the end of a ciphertext contain its authentication tag (16 bytes)."""

UNREADABLE = (LookupError, TypeError, ValueError, InvalidTag)
"""The errors of a stored value that does not fit the type of its column. The service never writes such a value."""

Name = tuple[object, ...]
"""The name of a row: the values of the columns that identify it in its table."""


class SealPassedBy(RuntimeError):
    """A programming error: a statement would change a sealed column without a new seal."""


@cache
def sealed_tables() -> Mapping[str, type[SealedRow]]:
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
    return kind.NAMED or tuple(column.key for column in row_columns(table_of(kind)))


@cache
def covered(kind: type[SealedRow]) -> tuple[str, ...]:
    return tuple(one.key for one in table_of(kind).columns if one.key not in {"seal", *kind.OUTSIDE})


@cache
def secrets_of(kind: type[SealedRow]) -> frozenset[str]:
    """Returns the names of the encrypted columns."""
    columns = table_of(kind).columns
    return frozenset(name for name in covered(kind) if isinstance(columns[name].type, Sealed | Encrypted))


def version_of(seal: object) -> int:
    """Returns the version in a seal, or 0 if the value is not a seal."""
    version = seal.partition(".")[2].partition(".")[0] if isinstance(seal, str) else ""
    return int(version) if version.isdecimal() else 0


def _content_of(kind: type[SealedRow], version: int, values: Mapping[str, object]) -> bytes:
    """Returns the bytes that the MAC covers: table, version, and all covered columns that are not empty. An encrypted
    column without a ciphertext counts as empty, because an empty list is stored as nothing.
    """
    given: dict[str, object] = {}
    for name, is_secret in _plan(kind):
        value = values[name]
        if value is None:
            continue
        if is_secret:
            if isinstance(value, _CIPHERTEXTS):
                given[name] = value.stored[-_TAG_CHARACTERS:]
        elif isinstance(value, datetime):
            aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            given[name] = aware.isoformat(timespec="microseconds")
        else:
            given[name] = value
    return _FORM.encode((str(kind.__tablename__), version, given))


@cache
def _plan(kind: type[SealedRow]) -> tuple[tuple[str, bool], ...]:
    """Returns the covered columns, each with a flag: true if it is encrypted."""
    return tuple((name, name in secrets_of(kind)) for name in covered(kind))


_FORM = msgspec.json.Encoder(order="sorted")


def only(kind: type[SQLModel], *columns: object) -> ExecutableOption:
    """Returns the query option that loads only these columns and, for a seal check, those that the seal covers."""
    is_checked = issubclass(kind, SealedRow) and kind.IN_DOUBT in {InDoubt.ABSENT, InDoubt.STOPS}
    sealed = (*covered(kind), "seal") if issubclass(kind, SealedRow) and is_checked else ()
    return load_only(*map(attribute, columns), *(getattr(kind, name) for name in sealed))


def ring_of(session: orm.Session) -> KeyRing:
    return keys_of(session.get_bind().dialect).ring


def written_name(table: str, name: Name) -> str:
    """Returns table and name of a row as one text, as used in the audit log and in messages."""
    return "/".join([table, *map(str, name)])


def stored(
    session: Session, kind: type[SealedRow], *where: ColumnElement[bool], lock: bool = False, most: int | None = None
) -> Iterator[dict[str, object]]:
    """Yields the stored values of the rows with their seals, sorted by name. Does not decrypt secrets."""
    table = table_of(kind)
    names = (*dict.fromkeys((*name_columns(kind), *covered(kind))), "seal")
    absent = session.info.get(_ABSENT, {}).get(table.name, ())
    columns = (null().label(name) if name in absent else _as_stored(table.c[name]) for name in names)
    query = select(*columns).where(*where, *standing(kind)).limit(most)
    query = query.order_by(*(table.c[name] for name in name_columns(kind)))
    for row in session.connection().execute(query.with_for_update(key_share=True) if lock else query).mappings():
        found = {name: row[name] for name in names}
        for name in names:
            if isinstance(table.c[name].type, Boolean) and found[name] in {0, 1}:
                found[name] = bool(found[name])
        yield found


def note_absent(session: Session) -> None:
    """Makes this transaction work on the tables of the previous version: a missing column is read as empty."""
    found = inspect(session.connection())
    session.info[_ABSENT] = {
        table: {column.key for column in table_of(kind).columns}
        - {one["name"] for one in (found.get_columns(table) if found.has_table(table) else ())}
        for table, kind in sealed_tables().items()
    }


def is_absent(session: Session, kind: type[SealedRow]) -> bool:
    """Checks whether this table is missing or has no seals, because the tables are those of the previous version."""
    return "seal" in session.info.get(_ABSENT, {}).get(table_of(kind).name, ())


def _as_stored(column: Column[object]) -> ColumnElement[int] | ColumnElement[object]:
    """Reads a boolean column as a number, as SQLite stores it. Otherwise a forged text would be read as true."""
    return type_coerce(column, Integer).label(column.key) if isinstance(column.type, Boolean) else column


def named(kind: type[SealedRow], rows: Iterable[Name]) -> ColumnElement[bool]:
    columns = [getattr(kind, name) for name in name_columns(kind)]
    if len(columns) == 1:
        found: ColumnElement[bool] = columns[0].in_([one for (one,) in rows])
        return found
    return tuple_(*columns).in_(list(rows))


@cache
def standing(kind: type[SealedRow]) -> tuple[ColumnElement[bool], ...]:
    """Returns the SQL condition for the valid rows: in a table that keeps former rows, the newest row of each name."""
    if not kind.NEWEST:
        return ()
    table, later = table_of(kind), table_of(kind).alias()
    [named_by] = (table.c[name] for name in name_columns(kind))
    [reference] = named_by.foreign_keys
    newest = select(func.max(later.c.id)).where(later.c[named_by.key] == reference.column)
    of_each = select(newest.correlate(reference.column.table).scalar_subquery()).select_from(reference.column.table)
    return (table.c.id.in_(of_each),)


def does_hold(ring: KeyRing, kind: type[SealedRow], values: Mapping[str, object]) -> bool:
    """Checks whether the row with these values has a valid seal. Caches valid rows until the keys change."""
    seal = str(values["seal"])
    try:
        taken = _taken(kind)(values)
        if ring.checked(kind, seal) == taken:
            return True
        key, version, mac = seal.split(".", 2)
        is_right = ring.holds(key, mac, _content_of(kind, int(version), values))
    except UNREADABLE:  # not a value that the service has written
        return False
    if is_right:
        ring.remember(kind, seal, taken)
    return is_right


@cache
def _taken(kind: type[SealedRow]) -> Callable[[Mapping[str, object]], tuple[object, ...]]:
    """Returns a function that copies the covered values and the seal of a row, for the cache. Copies lists as JSON."""
    columns = table_of(kind).columns
    lists = [
        name for name in covered(kind) if isinstance(getattr(columns[name].type, "impl", columns[name].type), JSON)
    ]
    others = itemgetter("seal", *(name for name in covered(kind) if name not in lists))
    return lambda values: (*others(values), *(_FORM.encode(values[name]) for name in lists))


def is_ours(session: orm.Session, kind: type[SealedRow], values: Mapping[str, object]) -> bool:
    """Checks whether the row with these values has a valid seal and is not in doubt."""
    keys: Keys = session.info.get(_KEYS) or session.info.setdefault(_KEYS, keys_of(session.get_bind().dialect))
    if not does_hold(keys.ring, kind, values):
        return False
    return not keys.doubted or written_name(str(kind.__tablename__), name_in(kind, values)) not in keys.doubted


def name_in(kind: type[SealedRow], values: Mapping[str, object]) -> Name:
    return tuple(values[column] for column in name_columns(kind))


def renew_seals(session: Session, kind: type[SealedRow], rows: Iterable[Mapping[str, object]]) -> int:
    """Seals the rows again that have a valid seal of an older key. Returns their number."""
    old = [name_in(kind, row) for row in rows if needs_old_key(session, kind, row)]
    seal_anew(session, kind, old)
    return len(old)


def needs_old_key(session: Session, kind: type[SealedRow], row: Mapping[str, object]) -> bool:
    """Checks whether the seal of this row is valid and was made with an older key."""
    ring = ring_of(session)
    return does_hold(ring, kind, row) and not ring.is_newest(str(row["seal"]))


def pages(session: Session, kind: type[SealedRow], last: Name | None = None) -> Iterator[list[dict[str, object]]]:
    """Yields all rows of a table in portions. `last`: yields only the rows after this name. The columns and the seal of
    an unreadable row are empty, so that the row counts as not valid.
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
    bare = [type_coerce(column, NullType()) for column in columns]
    names = select(*bare).where(*where, *standing(kind)).order_by(*columns)
    for name in session.connection().execute(names).all():
        try:
            yield from stored(session, kind, *(column == value for column, value in zip(bare, name, strict=True)))
        except UNREADABLE:
            read = {
                column.key: column.type.read(value, session.get_bind().dialect)
                if isinstance(column.type, Pseudonym)
                else value
                for column, value in zip(columns, name, strict=True)
            }
            yield dict.fromkeys((*covered(kind), "seal")) | read


def _literals(columns: Sequence[Column[object]], values: Name) -> object:
    return tuple_(*(literal(value, column.type) for column, value in zip(columns, values, strict=True)))


def seals_of(session: Session, kind: type[SealedRow]) -> dict[Name, str | None]:
    table = table_of(kind)
    columns = [table.c[name] for name in name_columns(kind)]
    found = session.connection().execute(select(*columns, table.c.seal).where(*standing(kind)))
    return {tuple(name): seal for *name, seal in found}


def seals_of_rows(session: Session, kind: type[SealedRow], rows: Sequence[Name]) -> dict[Name, str | None]:
    named_by: Sequence[object] = rows if len(name_columns(kind)) > 1 else [name for (name,) in rows]
    found = session.connection().execute(_seals_of_rows(kind), {"rows": named_by})
    return {tuple(name): cast("str | None", seal) for *name, seal in found}


@cache
def _seals_of_rows(kind: type[SealedRow]) -> Select[*tuple[object, ...]]:
    """Returns a cached query for the seals of the rows in the parameter `rows`."""
    columns = [table_of(kind).c[name] for name in name_columns(kind)]
    rows: BindParameter[object] = bindparam("rows", expanding=True)
    wanted = columns[0].in_(rows) if len(columns) == 1 else tuple_(*columns).in_(rows)
    return select(*columns, table_of(kind).c.seal).where(wanted, *standing(kind))


def touched(session: Session) -> dict[tuple[type[SealedRow], Name], str | None]:
    """Returns the sealed rows that this transaction changed, with their former seals (`None` for a new row)."""
    found: dict[tuple[type[SealedRow], Name], str | None] = session.info.setdefault(_TOUCHED, {})
    return found


def released(session: Session) -> set[tuple[type[SealedRow], Name]]:
    """Returns the rows in doubt that this transaction may seal again."""
    found: set[tuple[type[SealedRow], Name]] = session.info.setdefault(_RELEASED, set())
    return found


def forget_touched(session: Session) -> None:
    session.info.pop(_TOUCHED, None)


def seal_anew(session: Session, kind: type[SealedRow], rows: Iterable[Name]) -> None:
    """Gives these rows new seals for their stored values, with the next version."""
    wanted, table, new = list(rows), table_of(kind), list[dict[str, object]]()
    for values in stored(session, kind, named(kind, wanted), lock=True) if wanted else ():
        row, seal = name_in(kind, values), cast("str | None", values["seal"])
        touched(session).setdefault((kind, row), seal)
        new.append(
            {"new": new_seal(session, kind, values, seal), **{f"its_{one}": values[one] for one in name_columns(kind)}}
        )
    if new:
        here = [table.c[one] == bindparam(f"its_{one}") for one in name_columns(kind)]
        change = table.update().where(*here, *standing(kind)).values(seal=bindparam("new"))
        session.connection().execute(change, new)


def invalidate(session: Session, kind: type[SealedRow], name: Name) -> None:
    """Stores an invalid seal in the row. So the row stays in doubt, even after a new sum in the log includes it."""
    table = table_of(kind)
    here = [table.c[column] == value for column, value in zip(name_columns(kind), name, strict=True)]
    session.connection().execute(table.update().where(*here).values(seal=_NEVER_VALID))


def new_seal(session: Session, kind: type[SealedRow], values: Mapping[str, object], before: str | None = None) -> str:
    version = 1 + version_of(before)
    content = _content_of(kind, version, values)
    key, _, mac = ring_of(session).seal(content).partition(".")
    return f"{key}.{version}.{mac}"


def name_of(row: SealedRow) -> Name:
    return tuple(getattr(row, name) for name in name_columns(type(row)))


def typed(kind: type[SealedRow], written: str) -> Name:
    """Parses the written name of a row into the values of its columns."""
    types = [kind.model_fields[one].annotation for one in name_columns(kind)]
    parts = written.split("/", len(types) - 1)
    return tuple(int(part) if int in {one, *get_args(one)} else part for one, part in zip(types, parts, strict=True))
