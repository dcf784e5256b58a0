"""The engine of the store (SQLAlchemy): its limits on PostgreSQL, its options on SQLite, and its connections."""

import os
import select
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import create_engine

from placement.core.settings import Settings

# Below this version SQLite can corrupt a database in WAL mode (sqlite.org, 'WAL-reset bug', fixed in 3.51.3).
_WAL_IS_SAFE = (3, 51, 3)
_CONNECT_WITHIN_SECONDS = 5
"""The time limit for a new connection (assumed). A `connect_timeout` in the address takes precedence."""
_USED = "was used before"


def engine_for(settings: Settings) -> Engine:
    """Returns the engine of the store without keys, so that nothing encrypted can be read with it."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            _make_for_its_owner(Path(url.database))
        patient = {"check_same_thread": False, "timeout": settings.lock_wait_seconds}
        engine = create_engine(url, connect_args=patient, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    limits = {
        "lock_timeout": settings.lock_wait_seconds,
        "statement_timeout": settings.statement_seconds,
        "idle_in_transaction_session_timeout": settings.idle_seconds,
    }
    patience: dict[str, object] = {
        "options": " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in limits.items())
    }
    if "connect_timeout" not in url.query:
        patience["connect_timeout"] = _CONNECT_WITHIN_SECONDS
    engine = create_engine(
        url,
        connect_args=patience,
        hide_parameters=True,
        pool_size=settings.pool_size,
        max_overflow=settings.pool_extra,
        pool_timeout=settings.lock_wait_seconds,
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _require_open)
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = True


def _require_open(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Rejects a connection that the server has closed. Sends no statement: on an idle connection, waiting input can
    only be the end of the connection. Raises `InvalidatePoolError`, after which the pool opens new connections.
    """
    if not record.info.get(_USED):
        return
    waiting = select.poll()
    if not connection.closed:
        waiting.register(connection.fileno(), select.POLLIN)
    if connection.closed or waiting.poll(0):
        raise InvalidatePoolError("the server has ended this connection")


def _make_for_its_owner(file: Path) -> None:
    """Makes an empty database that only its owner can read. SQLite gives the files beside it the same rights."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDONLY | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    _ = record
    connection.isolation_level = None  # the driver begins no transaction by itself: `_begin_sqlite` does
    wal = sqlite3.sqlite_version_info >= _WAL_IS_SAFE
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE deletes rows without firing the triggers
    connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
    connection.execute(f"PRAGMA synchronous = {'FULL' if wal else 'EXTRA'}")


def _begin_sqlite(connection: Connection) -> None:
    """Begins a transaction with the write lock, so that a transaction that may write does not fail half-way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
