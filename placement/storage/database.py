"""Opens the database and begins its transactions. One request, one transaction; this is the one place that commits."""

import fcntl
import os
import select
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, create_engine

from placement import tables
from placement.areas.first import store_first_places
from placement.core import clock, transactions
from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.crypto.encrypted_columns import is_readable, use_keys
from placement.crypto.key_files import AUDIT, opener, token_of
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.dated_rules.first import store_first_rules
from placement.storage import (
    field_sealing,
    hash_chain,
    log_buffer,
    log_index,
    log_keys,
    log_rows,
    row_doubt,
    row_sealing,
)
from placement.storage.log_sealer import LogSealer
from placement.storage.migration_seals import Seals
from placement.storage.row_doubt import SealedSession
from placement.storage.schema_form import SchemaForm, form_of, form_of_unknown
from placement.storage.watch import close_watch
from placement.tables import Account

# Below this version SQLite can corrupt a database in WAL mode (sqlite.org, 'WAL-reset bug', fixed in 3.51.3).
_WAL_IS_SAFE = (3, 51, 3)
_MIGRATING = 7_325_190_114_620_771
"""The advisory lock of a migration (PostgreSQL)."""
_CONNECT_WITHIN_SECONDS = 5
"""assumed; `connect_timeout` in the address wins."""
_USED = "was used before"

event.listen(Session, "before_flush", field_sealing.seal_rows)
event.listen(Session, "after_flush_postexec", field_sealing.show_rows)
row_sealing.seal_what_is_flushed()  # after the fields are encrypted: a seal covers what is stored
row_doubt.check_what_is_loaded()
field_sealing.open_rows_of(getattr(tables, name) for name in tables.__all__)


@dataclass(frozen=True)
class Database:
    engine: Engine
    audit_keys: log_keys.LogKeys
    """The keys of the hash chain: each transaction with audit events ends by storing them."""
    sealer: LogSealer = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sealer", LogSealer(self.seal_log))

    @classmethod
    def open(cls, settings: Settings) -> "Database":
        audit_keys = log_keys.LogKeys.read(
            settings.audit_key, settings.audit_key_file, opener(AUDIT, token_of(settings))
        )
        engine = engine_for(settings)
        use_keys(engine.dialect, settings)
        return cls(engine, audit_keys)

    @contextmanager
    def transaction(self) -> Iterator[SealedSession]:
        """Stores the audit events, destroys the keys that were named, and commits; or rolls back everything.

        No rollback restores a destroyed key: so it is destroyed only after its audit event could be stored.
        """
        with self._session_on(self.engine) as session:
            yield session

    @contextmanager
    def _session_on(self, bind: Engine | Connection) -> Iterator[SealedSession]:
        """Opens a session on an engine, or in the open transaction of a connection, with which it then commits."""
        session = SealedSession(bind, expire_on_commit=False)
        if isinstance(bind, Connection):
            session.info[hash_chain.AT_ONCE] = True  # it is not known here when that commits
        try:
            with transactions.opened(), session, session.begin():
                log_rows.use_keys(session, self.audit_keys)
                session.info[log_index.HURRY] = self.sealer.hurry
                yield session
                session.flush()
                hash_chain.require_event(session)
                log_index.extend(session, hash_chain.store(session, self.audit_keys))
                field_sealing.destroy_named(session)
        except BaseException:
            self.audit_keys.lanes.failed(session)
            raise
        if self.audit_keys.lanes.committed(session):
            self.sealer.lines_stored()
        if bind is self.engine:  # else it is not known here when that commits
            hash_chain.note_end(session, self.audit_keys)

    def seal_log(self, gathered: timedelta = timedelta()) -> bool:
        """Puts the stored lines of the log into its chain; on SQLite they are in it already. Returns False if it left
        them for later, because the oldest line has not waited as long as `gathered`.
        """
        if self.engine.dialect.name == "sqlite":
            return True
        with Session(self.engine) as session, session.begin():
            log_rows.use_keys(session, self.audit_keys)
            oldest = log_buffer.oldest(session)
            if oldest is None:
                return True
            if timedelta() <= clock.now() - oldest < gathered:
                return False
            hash_chain.lock(session, alone=False)
            log_index.extend(session, hash_chain.seal(session, self.audit_keys))
        hash_chain.note_end(session, self.audit_keys)
        return True

    def migrate(self) -> None:
        """Migrates the tables to the newest form, and gives a new database its key store, its first rules and
        areas; harmless when that is so. All of it is one transaction: cut off, nothing of it was done. A second process
        that migrates meanwhile waits, and finds nothing to do.

        Raises `Misconfigured` for a revision that this version does not know.
        """
        with self._alone():
            self.require_known_revision(self._revision())
            with self.migrating() as configuration:
                command.upgrade(configuration, "head")
                with self._session_on(configuration.attributes["connection"]) as session:
                    hash_chain.seal_tables_anew(session, configuration.attributes["changed_rows"])
                    field_sealing.found_store(session, clock.now())
                    store_first_rules(session, clock.now())
                    store_first_places(session, clock.now())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Waits, without end, for another process that migrates; that process may end at any point."""
        if self.engine.dialect.name == "sqlite":
            file = str(self.engine.url.database)
            if file == ":memory:":
                yield
                return
            lock = os.open(f"{file}.migrating", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            _wait_without_end(connection, "SESSION")
            connection.execute(text("SET SESSION lock_timeout = 0"))
            try:
                connection.execute(text(f"SELECT pg_advisory_lock({_MIGRATING})"))
                yield
            finally:
                connection.invalidate()  # it is closed, and the lock with it: the pool must not keep either

    @contextmanager
    def migrating(self) -> Iterator[Config]:
        """A transaction for Alembic. On SQLite a table is made anew while rows of others refer to it.

        A migration imports nothing of the service. It gets as attributes: `seals`, which opens and seals values; `now`;
        the exception `refused` for a store that cannot be migrated, with words of what to do; and `changed_rows`, to
        which it adds the names of tables whose sealed rows it changes.
        """
        with self.engine.connect() as connection:
            sqlite = self.engine.dialect.name == "sqlite"
            if sqlite:
                _set_foreign_keys(connection, on=False)
            try:
                with connection.begin():
                    if not sqlite:
                        _wait_without_end(connection, "LOCAL")
                    configuration = _alembic()
                    given = {"seals": Seals(connection), "now": clock.now(), "refused": Misconfigured}
                    configuration.attributes.update(given, connection=connection, changed_rows=set())
                    yield configuration
            finally:
                self.audit_keys.lanes.end()  # lines may have been carried over without theirs
                if sqlite:
                    _set_foreign_keys(connection, on=True)

    def is_current(self) -> bool:
        return self._revision() == _migrations(_alembic).get_current_head()

    def form(self) -> SchemaForm:
        """Returns how the tables compare with what this version knows; reads them without a key."""
        newest = str(_migrations(_alembic).get_current_head())
        with self.engine.connect() as connection:
            return form_of(connection, _revision_in(connection), _known_revisions(), newest)

    def require_usable(self) -> None:
        """Raises `Misconfigured` when the tables have another form, or a key or the key store is not its own."""
        if not self.is_current():
            raise Misconfigured(self.form().value)
        with self.transaction() as session:
            field_sealing.require_own_store(session)
            keys = field_sealing.keys_of_session(session)
            if keys.ring is not keys.store.masters and keys.ring.is_in_clear:
                raise Misconfigured("the keys of the service are in clear beside its token: run `placement keys move`")
            secret = next(iter(field_sealing.values_alone(session, Account, "totp_secret", most=1).values()), None)
            if secret is not None and not is_readable(secret):
                raise Misconfigured(
                    "the key for the encrypted fields does not open this database: see PLACEMENT_FIELD_KEYS"
                )
            if not keys.store.opens(PSEUDONYMS):
                raise Misconfigured(
                    f"the key {PSEUDONYMS} is missing or damaged: put it back from the backups of the key store"
                )
            if not hash_chain.fits(session, self.audit_keys):
                raise Misconfigured(
                    "the last line of the log does not fit the key for the log: see PLACEMENT_AUDIT_KEY, and where the "
                    "key is right, run `placement audit verify`"
                )

    def close(self) -> None:
        self.sealer.stop()
        self.audit_keys.lanes.end()
        close_watch(self.engine.dialect)
        self.engine.dispose()

    def _revision(self) -> str | None:
        with self.engine.connect() as connection:
            return _revision_in(connection)

    def require_known_revision(self, found: str | None) -> None:
        """Raises `Misconfigured` for a revision of the tables that this version cannot bring to its own."""
        known = _known_revisions()
        if found is not None and found not in known:
            raise Misconfigured(f"the database has revision {found}: {form_of_unknown(found, known).value}")


def _known_revisions() -> set[str]:
    return {script.revision for script in _migrations(_alembic).walk_revisions()}


@cache
def _migrations(configuration: Callable[[], Config]) -> ScriptDirectory:
    """Returns the migrations, whose files are read once in a process."""
    return ScriptDirectory.from_config(configuration())


def _revision_in(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def engine_for(settings: Settings) -> Engine:
    """The engine of the store, without its keys: nothing encrypted can be read with it."""
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
    """Rejects a connection that the server has closed, without a statement: on an idle connection, waiting input can
    only be its end. Raises `InvalidatePoolError`, and the pool then opens new connections.
    """
    if not record.info.get(_USED):
        return
    waiting = select.poll()
    if not connection.closed:
        waiting.register(connection.fileno(), select.POLLIN)
    if connection.closed or waiting.poll(0):
        raise InvalidatePoolError("the server has ended this connection")


def _wait_without_end(connection: Connection, scope: str) -> None:
    """Removes the time limits of PostgreSQL, since nobody knows beforehand how long a migration takes."""
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET {scope} {name} = 0"))


def _make_for_its_owner(file: Path) -> None:
    """Makes an empty database that only its owner reads; the files that SQLite puts beside it get the same rights."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDONLY | os.O_CREAT, 0o600))


def _alembic() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    _ = record
    connection.isolation_level = None  # the driver begins no transaction by itself: `_begin_sqlite` does
    wal = sqlite3.sqlite_version_info >= _WAL_IS_SAFE
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE deletes rows without firing the triggers
    connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}")
    connection.execute(f"PRAGMA synchronous = {'FULL' if wal else 'EXTRA'}")


def _set_foreign_keys(connection: Connection, *, on: bool) -> None:
    """Sets the option outside the transaction that SQLAlchemy would begin: SQLite ignores it inside a transaction."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that may write takes the write lock at once, instead of failing half-way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
