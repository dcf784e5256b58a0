"""A copy of the database at a certain moment, in a file. The same transaction also lists the contents of the database.
Only two times around the moment are known: the copy contains everything that was acknowledged before the first time,
and nothing that was written after the second time.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text
from sqlmodel import Session, col

from placement.backup import postgresql
from placement.core import clock
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.storage import hash_chain
from placement.storage.database import Database
from placement.storage.engines import engine_for
from placement.tables import DataKey

CONTENTS, DUMP, HEADS, SETTINGS = "contents.json", "database", "audit-heads.jsonl", "placement.env"
"""Names of the files in an archive of the data."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of a database. `rows`: the number of rows by table. `destroyed`: the names of the data keys that
    were already destroyed.
    """

    store: str
    revision: str
    line: int
    link: str
    rows: Mapping[str, int]
    destroyed: tuple[str, ...]

    def written(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, written: bytes) -> "Contents":
        found: dict[str, Any] = json.loads(written)
        return cls(**{**found, "destroyed": tuple(found["destroyed"])})


@dataclass(frozen=True, slots=True)
class Taken:
    """A copy: its contents, and the two times between which the database was in this state."""

    contents: Contents
    complete_until: datetime
    nothing_after: datetime


def take(database: Database, settings: Settings, target: Path) -> Taken:
    """Copies the database to a file, and returns what the copy contains, and when it began and ended."""
    if database.engine.dialect.name == "sqlite":
        return _take_sqlite(database, settings, target)
    return _take_postgresql(database, settings, target)


def put_back(settings: Settings, source: Path) -> None:
    """Restores the copy in this file into the empty store of the settings, completely or not at all."""
    engine = engine_for(settings)
    try:
        if engine.dialect.name == "sqlite":
            Path(str(engine.url.database)).unlink(missing_ok=True)  # an empty database, as was just checked
            source.replace(Path(str(engine.url.database)))
            return
        with engine.connect():
            major = _major(engine.dialect)
        postgresql.restore(settings, engine.url, major, source)
    finally:
        engine.dispose()


def require_program(connection: Connection, settings: Settings) -> None:
    """Raises `Misconfigured` if this machine lacks the program that dumps this PostgreSQL database. SQLite needs no
    program.
    """
    if connection.dialect.name == "postgresql":
        postgresql.program(settings, "pg_dump", _major(connection.dialect))


def contents_of(connection: Connection) -> Contents:
    with Session(bind=connection) as session:
        line, link = hash_chain.head(session)
        destroyed = session.scalars(select(col(DataKey.owner)).where(col(DataKey.destroyed_at).is_not(None)))
        names = sorted(destroyed)
    quoted = connection.dialect.identifier_preparer.quote
    rows = {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {quoted(name)}").scalar_one()  # noqa: S608
        for name in sorted(inspect(connection).get_table_names())
    }
    revision = MigrationContext.configure(connection).get_current_revision()
    return Contents(connection.dialect.name, str(revision), line, link, rows, tuple(names))


def _take_sqlite(database: Database, settings: Settings, target: Path) -> Taken:
    """Copies a SQLite database in a single step. A copy in several steps would start again after each write, and never
    end under load.
    """
    target.touch(0o600)
    with (
        closing(sqlite3.connect(str(database.engine.url.database))) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        began = clock.now()
        source.backup(copy)
        ended = clock.now()
        copy.execute("PRAGMA journal_mode = DELETE")  # a single file without others beside it
        if (found := copy.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            raise Misconfigured(f"the database is damaged, and no backup was made of it: {found}")
    engine = engine_for(settings.model_copy(update={"database_url": f"sqlite:///{target}"}))
    try:
        with engine.connect() as connection:
            return Taken(contents_of(connection), began, ended)
    finally:
        engine.dispose()


def _take_postgresql(database: Database, settings: Settings, target: Path) -> Taken:
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        began = clock.now()
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # while pg_dump is at work
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        ended = clock.now()
        contents = contents_of(connection)
        postgresql.dump(settings, engine.url, _major(engine.dialect), snapshot, target)
    return Taken(contents, began, ended)


def _major(dialect: Any) -> int:
    return int(dialect.server_version_info[0])
