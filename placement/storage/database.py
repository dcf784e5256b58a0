"""The database and its transactions. A request has a single transaction. Only this module commits."""

import fcntl
import os
import threading
import time
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
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from placement import tables
from placement.areas.first import store_first_places
from placement.core import clock, practice_mode, transactions, version
from placement.core.codes import StoreFact
from placement.core.errors import Misconfigured, NotMigrated
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
    row_seals,
    sealed_session,
    store_records,
)
from placement.storage.database_faults import Cause, cause_of
from placement.storage.engines import engine_for
from placement.storage.log_sealer import LogSealer
from placement.storage.migration_seals import Seals
from placement.storage.migration_steps import allow_codes, refuse_stored
from placement.storage.schema_form import Schema, SchemaForm, fact_in
from placement.storage.sealed_session import SealedSession
from placement.storage.watch import close_watch
from placement.tables import Account

_MIGRATING = 7_325_190_114_620_771
"""The advisory lock of a migration (PostgreSQL)."""
_LOCK_WAIT = "500ms"
"""How long a migration waits for a lock. After a second PostgreSQL looks for deadlocks and could cancel a request."""
_TRIES, _PAUSE_SECONDS = 300, 0.5
"""How often a migration is tried again if a table is locked, and the pause between two tries: five minutes together."""


event.listen(Session, "before_flush", field_sealing.seal_rows)
event.listen(Session, "after_flush_postexec", field_sealing.show_rows)
sealed_session.listen()  # must follow the encryption of fields, because a seal covers the stored form
field_sealing.open_rows_of(getattr(tables, name) for name in tables.__all__)


@dataclass(frozen=True)
class Database:
    engine: Engine
    audit_keys: log_keys.LogKeys
    """The keys of the hash chain. Each transaction uses them to store its audit events at its end."""
    practice: bool = False
    """True for a practice room: this object then opens only practice databases. False: it opens only real databases."""
    sealer: LogSealer = field(init=False, repr=False, compare=False)
    _is_own_kind: threading.Event = field(init=False, repr=False, compare=False, default_factory=threading.Event)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sealer", LogSealer(self.seal_log))

    @classmethod
    def open(cls, settings: Settings) -> "Database":
        practice_mode.enter(settings.var, practice=settings.practice)
        audit_keys = log_keys.LogKeys.read(
            settings.audit_key, settings.audit_key_file, opener(AUDIT, token_of(settings))
        )
        engine = engine_for(settings)
        use_keys(engine.dialect, settings)
        return cls(engine, audit_keys, settings.practice)

    @contextmanager
    def transaction(self) -> Iterator[SealedSession]:
        """Yields a session. At the end stores the audit events, destroys the data keys that the caller marked for
        destruction, and commits. If an exception is raised, rolls back.

        A rollback cannot restore a destroyed key. So keys are destroyed last, after their audit event was stored.
        """
        self._require_own_kind()
        with self._session_on(self.engine) as session:
            yield session

    @contextmanager
    def _session_on(self, bind: Engine | Connection) -> Iterator[SealedSession]:
        """Yields a session on an engine or a connection. With a connection, the caller commits later."""
        session = SealedSession(bind, expire_on_commit=False)
        if isinstance(bind, Connection):
            session.info[hash_chain.AT_ONCE] = True  # the caller commits later
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
        if bind is self.engine:  # otherwise the caller commits later
            hash_chain.note_end(session, self.audit_keys)

    def seal_log(self, gathered: timedelta = timedelta()) -> bool:
        """Moves waiting audit events into the hash chain. If the oldest event has waited for less than `gathered`,
        moves no event and returns false. Does nothing on SQLite, which stores events directly in the chain.
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

    def migrate(self, back_to: str | None = None) -> None:
        """Migrates the tables to the newest revision, in one transaction. A new database gets its key store, first
        rules and first areas. Safe to repeat. If another process is migrating, waits until that process is done. Raises
        `Misconfigured` for a revision that this version does not know.

        The service may run meanwhile. If a table is locked, the migration on PostgreSQL waits only briefly and then
        starts again, because requests wait behind it. `back_to`: an older revision, for a downgrade.
        """
        with self._alone():
            self._require_own_kind()
            found, form = self._revision(), self.form()
            if form in {SchemaForm.TOO_OLD, SchemaForm.NEWER, SchemaForm.AHEAD}:
                raise Misconfigured(f"the database has revision {found}: {form.value}")
            if back_to is not None:
                self._require_way_back(found, back_to)
            for left in range(_TRIES, -1, -1):
                try:
                    return self._migrate(found) if back_to is None else self._go_back(back_to)
                except DBAPIError as error:
                    if not left or self.engine.dialect.name == "sqlite" or cause_of(error) is not Cause.BUSY:
                        raise
                time.sleep(_PAUSE_SECONDS)
        return None

    def _migrate(self, found: str | None) -> None:
        with self.migrating() as configuration:
            command.upgrade(configuration, "head")
            with self._session_on(configuration.attributes["connection"]) as session:
                hash_chain.seal_tables_anew(session, configuration.attributes["changed_rows"])
                field_sealing.found_store(session, clock.now())
                if self.practice and found is None:
                    store_records.record(session, StoreFact.PRACTICE, clock.now(), version.shown())
                if fact_in(session.connection(), StoreFact.WORKS_FROM) != _schema(_alembic).shared:
                    store_records.record(session, StoreFact.WORKS_FROM, clock.now(), _schema(_alembic).shared)
                store_first_rules(session, clock.now())
                store_first_places(session, clock.now())

    def _require_way_back(self, found: str | None, wanted: str) -> None:
        """Raises `Misconfigured` if the tables cannot be downgraded from the found to the wanted revision."""
        known, ways = _schema(_alembic).known, _schema(_alembic).back_to()
        if wanted not in ways:
            raise Misconfigured(
                f"there is no way back to revision {wanted}: restore a backup. A way leads to {', '.join(ways)}"
            )
        if found is None or known.index(found) > known.index(wanted):
            raise Misconfigured(f"the tables have revision {found}, which is before {wanted}: nothing was changed")

    def _go_back(self, wanted: str) -> None:
        with self.migrating() as configuration:
            command.downgrade(configuration, wanted)
            with self._session_on(configuration.attributes["connection"]) as session:
                row_seals.note_absent(session)
                hash_chain.seal_tables_anew(session, configuration.attributes["changed_rows"])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Locks migrations: waits, without a time limit, until no other process migrates."""
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
                connection.invalidate()  # closing it releases the lock; the pool must not keep it

    @contextmanager
    def migrating(self) -> Iterator[Config]:
        """Begins a transaction for Alembic, and turns off the foreign keys of SQLite, so that tables can be replaced.

        A migration imports nothing of the service. It gets these attributes:
        - `seals`: encrypts and decrypts values
        - `allow_codes`, `refuse_stored`: the steps of `migration_steps.py`
        - `now`: the time of the migration
        - `changed_rows`: a set, to which the migration adds the names of tables whose sealed rows it changes
        """
        with self.engine.connect() as connection:
            sqlite = self.engine.dialect.name == "sqlite"
            if sqlite:
                _set_foreign_keys(connection, on=False)
            try:
                with connection.begin():
                    if not sqlite:
                        _wait_without_end(connection, "LOCAL")
                        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'"))
                    configuration = _alembic()
                    given = {"allow_codes": allow_codes, "refuse_stored": refuse_stored, "now": clock.now()}
                    given |= {"seals": Seals(connection), "changed_rows": set()}
                    configuration.attributes.update(given, connection=connection)
                    yield configuration
            finally:
                self.audit_keys.lanes.end()  # a migration may have moved waiting events into the chain
                if sqlite:
                    _set_foreign_keys(connection, on=True)

    def _require_own_kind(self) -> None:
        """Raises `Misconfigured` if practice uses a real database, or the real service uses a practice database. Allows
        a new database.
        """
        if self._is_own_kind.is_set():
            return
        with self.engine.connect() as connection:
            found = fact_in(connection, StoreFact.PRACTICE)
        if found is not None and self.practice:
            self._is_own_kind.set()
        elif found is not None:
            raise Misconfigured("this store is a practice room, in which nobody is real: see `placement practice`")
        elif self.practice and self._revision() is not None:
            raise Misconfigured("this store is no practice room, and practice opens no other: nothing was changed")
        else:
            self._is_own_kind.set()

    def is_current(self) -> bool:
        return self._revision() == _schema(_alembic).newest

    def form(self) -> SchemaForm:
        """Compares the revision of the tables with the revisions of this version. Needs no key."""
        with self.engine.connect() as connection:
            return _schema(_alembic).form_of(connection, _revision_in(connection))

    def require_usable(self) -> None:
        """Raises an error if this version cannot work with the database:
        - `NotMigrated`: only a migration is missing
        - `Misconfigured`: the tables do not fit, or a key or the key store is missing or belongs to another database
        """
        if not (form := self.form()).is_usable:
            raise (NotMigrated if form is SchemaForm.OLDER else Misconfigured)(form.value)
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
        """Raises `Misconfigured` for a revision of the tables that this version cannot migrate."""
        schema = _schema(_alembic)
        if found is not None and found not in schema.known:
            raise Misconfigured(f"the database has revision {found}: {schema.form_of_unknown(found).value}")


@cache
def _schema(configuration: Callable[[], Config]) -> Schema:
    """Returns the revisions of this version. Cached, because it reads all migration files."""
    return Schema.of(ScriptDirectory.from_config(configuration()))


def _revision_in(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _wait_without_end(connection: Connection, scope: str) -> None:
    """Removes the time limits of PostgreSQL, because the duration of a migration is unknown."""
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET {scope} {name} = 0"))


def _alembic() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def _set_foreign_keys(connection: Connection, *, on: bool) -> None:
    """Turns the foreign keys of SQLite on or off, through the driver: inside a transaction SQLite ignores this."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")
