"""The SQLAlchemy engine of the database: its limits on PostgreSQL, its options on SQLite, and its connections."""

import os
import select
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import create_engine

from placement.core.settings import Settings

# Below this version SQLite can corrupt a database in WAL mode (sqlite.org, 'WAL-reset bug', fixed in 3.51.3).
_WAL_IS_SAFE = (3, 51, 3)
_CONNECT_WITHIN_SECONDS = 5
"""The time limit for a new connection (assumed). A `connect_timeout` in the address takes precedence."""
_KEEPALIVE_SECONDS = {"keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": 3}
_SILENT_AFTER_SECONDS = 4
"""The time after which both ends close a connection whose other end does not answer (assumed). It limits how long a
host without network keeps a lock. If a second dead connection waits for that lock, the time can double.
"""
_USED = "was used before"


def engine_for(settings: Settings) -> Engine:
    """Returns the engine of the database. The engine has no keys, so a session on it cannot read encrypted values."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            _make_for_its_owner(Path(url.database))
        patient = {"check_same_thread": False, "timeout": settings.lock_wait_seconds}
        engine = create_engine(url, connect_args=patient, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        connect_args={**_limits_here(url), "options": _limits_of_server(settings)},
        hide_parameters=True,
        pool_size=settings.pool_size,
        max_overflow=settings.pool_extra,
        pool_timeout=settings.lock_wait_seconds,
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _require_open)
    return engine


def _limits_here(url: URL) -> dict[str, int]:
    """Returns the time limits that the client sets for a connection, except those in the database address."""
    limits = {
        **_KEEPALIVE_SECONDS,
        "tcp_user_timeout": _SILENT_AFTER_SECONDS * 1000,
        "connect_timeout": _CONNECT_WITHIN_SECONDS,
    }
    return {name: value for name, value in limits.items() if name not in url.query}


def _limits_of_server(settings: Settings) -> str:
    """Returns the time limits that the server enforces for a connection, as options. They also make PostgreSQL notice a
    lost client.
    """
    seconds = {
        "lock_timeout": settings.lock_wait_seconds,
        "statement_timeout": settings.statement_seconds,
        "idle_in_transaction_session_timeout": settings.idle_seconds,
        "tcp_user_timeout": _SILENT_AFTER_SECONDS,
        "client_connection_check_interval": _KEEPALIVE_SECONDS["keepalives_interval"],
    }
    limits = {name: round(value * 1000) for name, value in seconds.items()}
    limits |= {f"tcp_{name}": value for name, value in _KEEPALIVE_SECONDS.items()}
    return " ".join(f"-c {name}={value}" for name, value in limits.items())


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = True


def _require_open(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Raises `InvalidatePoolError` if the server has closed this idle connection. Sends nothing: an idle connection has
    input only if the server has closed it. The pool then opens new connections.
    """
    if not record.info.get(_USED):
        return
    waiting = select.poll()
    if not connection.closed:
        waiting.register(connection.fileno(), select.POLLIN)
    if connection.closed or waiting.poll(0):
        raise InvalidatePoolError("the server has ended this connection")


def _make_for_its_owner(file: Path) -> None:
    """Makes an empty database file that only its owner can read. SQLite gives its journal files the same rights."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDONLY | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    _ = record
    connection.isolation_level = None  # so that `_begin_sqlite` begins the transactions, not the driver
    wal = sqlite3.sqlite_version_info >= _WAL_IS_SAFE
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # deleted data is overwritten with zeros
    connection.execute("PRAGMA recursive_triggers = ON")  # otherwise REPLACE deletes rows without firing the triggers
    connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
    connection.execute(f"PRAGMA synchronous = {'FULL' if wal else 'EXTRA'}")


def _begin_sqlite(connection: Connection) -> None:
    """Begins a transaction and takes the write lock at once. If it began as a read, its first write could fail."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
