"""Database faults: the cause by the codes of either store, never with an address or a password."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

from placement.storage.database_faults import Cause, cause_of, facts_of, reason_of


def wrapped(orig, **facts):
    return OperationalError("SELECT 1", {}, orig, **facts)


def of_sqlite(code, name):
    error = sqlite3.OperationalError("Kanarie")
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return wrapped(error)


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (psycopg.errors.DiskFull, Cause.FULL),
        (psycopg.errors.LockNotAvailable, Cause.BUSY),
        (psycopg.errors.DeadlockDetected, Cause.BUSY),
        (psycopg.errors.TooManyConnections, Cause.BUSY),
        (psycopg.errors.AdminShutdown, Cause.AWAY),
        (psycopg.errors.CannotConnectNow, Cause.AWAY),
        (psycopg.errors.ConnectionFailure, Cause.AWAY),
        (psycopg.errors.ReadOnlySqlTransaction, Cause.READ_ONLY),
        (psycopg.errors.InvalidPassword, Cause.REFUSES_US),
        (psycopg.errors.DivisionByZero, Cause.FAILS),
    ],
)
def test_cause_of_postgresql_error_follows_its_sqlstate(kind, cause):
    error = wrapped(kind("Kanarie"))
    assert cause_of(error) is cause
    assert facts_of(error)["code"] == kind.sqlstate
    assert "Kanarie" not in str(facts_of(error))


@pytest.mark.parametrize(
    ("code", "name", "cause"),
    [
        (sqlite3.SQLITE_FULL, "SQLITE_FULL", Cause.FULL),
        (sqlite3.SQLITE_BUSY, "SQLITE_BUSY", Cause.BUSY),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT", Cause.BUSY),
        (sqlite3.SQLITE_READONLY, "SQLITE_READONLY", Cause.READ_ONLY),
        (sqlite3.SQLITE_CORRUPT, "SQLITE_CORRUPT", Cause.FAILS),
    ],
)
def test_cause_of_sqlite_error_follows_its_code(code, name, cause):
    assert cause_of(of_sqlite(code, name)) is cause
    assert facts_of(of_sqlite(code, name))["code"] == name


@pytest.mark.parametrize(
    ("said", "cause", "reason"),
    [
        ('connection to server at "10.1.2.3", port 5432 failed: Connection refused', Cause.AWAY, "nobody listens"),
        ("failed to resolve host 'db.secret.example'", Cause.AWAY, "its host name"),
        ("connection timeout expired", Cause.AWAY, "in time"),
        ('connection to server at "10.1.2.3", port 5432 failed: No route to host', Cause.AWAY, "no network"),
        ('connection to server at "10.1.2.3", port 5432 failed: Network is unreachable', Cause.AWAY, "no network"),
        ("FATAL:  the database system is starting up", Cause.AWAY, "starting"),
        ("FATAL:  the database system is in recovery mode", Cause.AWAY, "starting"),
        ("FATAL:  the database system is not yet accepting connections", Cause.AWAY, "starting"),
        ("FATAL:  could not write init file: No space left on device", Cause.FULL, "disk is full"),
        ('FATAL:  password authentication failed for user "geheim"', Cause.REFUSES_US, "password"),
        ('FATAL:  database "geheim" does not exist', Cause.REFUSES_US, "no such database"),
        ("FATAL:  sorry, too many clients already", Cause.BUSY, "no connection left"),
        ("something new", Cause.FAILS, "as it should"),
    ],
)
def test_cause_of_failed_connection_follows_its_message(said, cause, reason):
    error = wrapped(psycopg.OperationalError(said))
    assert cause_of(error) is cause
    assert reason in reason_of(error)
    for secret in ("10.1.2.3", "secret", "geheim"):
        assert secret not in str(facts_of(error))


def test_cause_of_lost_connection_is_away():
    assert cause_of(wrapped(psycopg.OperationalError("something"), connection_invalidated=True)) is Cause.AWAY
    assert cause_of(NoConnectionInTime("pool")) is Cause.BUSY


def test_cause_of_real_full_sqlite_is_full(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'small.db'}")
    with engine.connect() as connection:
        connection.execute(text("PRAGMA max_page_count = 2"))
        connection.execute(text("CREATE TABLE t (x TEXT)"))
        with pytest.raises(DBAPIError) as full:
            connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": "x" * 100_000})
    engine.dispose()
    assert cause_of(full.value) is Cause.FULL


def test_cause_of_real_refused_connection_is_away():
    engine = create_engine("postgresql://user:geheim@127.0.0.1:1/none")
    with pytest.raises(OperationalError) as away:
        engine.connect()
    assert (cause_of(away.value), reason_of(away.value)) == (Cause.AWAY, "nobody listens there")
