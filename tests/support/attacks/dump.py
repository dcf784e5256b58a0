"""The content of a dump: every row of every table, in the order of the data file, without any key."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, inspect, text
from sqlmodel import Session, SQLModel, select

from placement import tables
from placement.crypto.encrypted_columns import Encrypted, Keys, keys_of, place_of, row_columns
from placement.crypto.pseudonyms import Pseudonym, named_by

TRANSACTION = "xmin"
"""The name under which a row of a dump has the transaction that wrote it last; PostgreSQL alone."""

CHUNK = "toast"
"""The name of the number that PostgreSQL gave to the long values of a row, in order of writing (visible since version
17).
"""

_FROZEN = {"problem", "advice", "cipher", "token"}
"""What a proposal was made from stays sealed: it speaks of all who waited, and would only distract. So does the log."""

_NUMBERS_ARE_TOLD = text("SELECT current_setting('server_version_num')::int >= 170000")
_TEXTS = text(
    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:table)"
    " AND attnum > 0 AND NOT attisdropped AND attlen = -1"
)


@dataclass(frozen=True)
class Dump:
    """By table, its rows by column, in the order in which the data file has them."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __getitem__(self, table: str) -> list[dict[str, Any]]:
        return self.rows.get(table, [])

    def by(self, table: str, column: str = "id") -> dict[Any, dict[str, Any]]:
        return {row[column]: row for row in self[table]}


def dump_of(session: Session) -> Dump:
    """Makes the dump, by plain SQL: nothing of the service decrypts it."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    found = Dump()
    for table in inspect(session.connection()).get_table_names():
        with_rowid = not postgresql and "WITHOUT ROWID" not in _made_by(session, table)
        columns = f"*, {TRANSACTION}::text::bigint AS {TRANSACTION}, xmax::text::bigint AS xmax" if postgresql else "*"
        columns += _number_of_long_values(session, table) if postgresql else ""
        order = "ORDER BY ctid" if postgresql else "ORDER BY rowid" if with_rowid else ""
        rows = session.execute(text(f'SELECT {columns} FROM "{table}" {order}')).mappings()  # noqa: S608
        found.rows[table] = [{name: plain(value) for name, value in row.items()} for row in rows]
    return found


def _number_of_long_values(session: Session, table: str) -> str:
    if not session.execute(_NUMBERS_ARE_TOLD).scalar():
        return ""
    texts = session.execute(_TEXTS, {"table": f'"{table}"'}).scalars().all()
    numbers = ", ".join(f'pg_column_toast_chunk_id("{column}")' for column in texts)
    return f", least({numbers})::bigint AS {CHUNK}" if texts else ""


def with_keys(session: Session, dump: Dump, only: Collection[str] = ()) -> Dump:
    """Returns the dump with the link in clear: each row as the service reads it, with the keys in its hand.

    `only`: these tables alone, if any is named.
    """
    opened = Dump(dict(dump.rows))
    for kind in (getattr(tables, name) for name in tables.__all__):
        if not (isinstance(kind, type) and issubclass(kind, SQLModel)):
            continue
        table = kind.__table__  # type: ignore[attr-defined]
        if only and table.name not in only:
            continue
        if any(isinstance(column.type, Encrypted) for column in table.columns):
            continue
        names = [column.name for column in table.primary_key.columns]
        known = {tuple(plain(getattr(row, name)) for name in names): row for row in session.exec(select(kind))}
        opened.rows[table.name] = [
            row | {name: plain(value) for name, value in known[key].model_dump(mode="json", exclude=_FROZEN).items()}
            if (key := tuple(row[name] for name in names)) in known
            else row
            for row in dump[table.name]
        ]
    return opened


def in_clear(session: Session, dump: Dump, *names: str) -> Dump:
    """Returns the dump with these sealed columns in clear, each as `table.column`."""
    keys, opened = keys_of(session.get_bind().dialect), Dump(dict(dump.rows))
    for table, name in (named.split(".") for named in names):
        column = SQLModel.metadata.tables[table].columns[name]
        is_bound = not isinstance(column.type, Pseudonym)
        key = [one.name for one in row_columns(column.table)] if is_bound else []
        opened.rows[table] = [
            row | {name: plain(_opened(keys, column, row[name], [row[one] for one in key]))} for row in opened[table]
        ]
    return opened


def _opened(keys: Keys, column: Column[Any], stored: str | None, key: list[Any]) -> Any:
    if stored is None:
        return None
    if isinstance(column.type, Pseudonym):
        return named_by(keys.store, column.type.column, stored)
    return column.type.opened(keys, stored, place_of(column, tuple(key)))  # type: ignore[attr-defined]


def _made_by(session: Session, table: str) -> str:
    query = text("SELECT sql FROM sqlite_master WHERE name = :table")
    return str(session.execute(query, {"table": table}).scalar_one_or_none())


def plain(value: Any) -> Any:
    """Converts a value for comparisons: a moment or day is the same in any format of a store."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    if not isinstance(value, str):
        return value
    if value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return _time_in(value) if value[:2] == "20" and len(value) >= len("2026-11-24") else value


def _time_in(written: str) -> Any:
    """Returns the day or moment in a text, or the text."""
    try:
        if len(written) == len("2026-11-24"):
            return date.fromisoformat(written)
        found = datetime.fromisoformat(written)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except ValueError:
        return written


def values_in(value: Any) -> Iterator[Any]:
    """Yields every single value, also those in lists and records."""
    if isinstance(value, dict):
        for one in value.values():
            yield from values_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from values_in(one)
    elif value is not None:
        yield value
