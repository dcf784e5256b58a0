"""A classification of database errors: away, full, busy, wrong settings, or anything else.

It uses SQLSTATE (PostgreSQL) or the result code (SQLite). A failed connection has neither, so the driver's message
decides. The message itself is not logged, because it contains addresses, and sometimes a password.
"""

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

DatabaseFault = DBAPIError | NoConnectionInTime


class Cause(StrEnum):
    AWAY = "away"  # no server answers, or it is starting or stopping
    FULL = "full"  # the disk of the database is full
    BUSY = "busy"  # the wait for a lock or a connection took too long
    READ_ONLY = "read_only"
    REFUSES_US = "refuses_us"  # the settings are wrong: role, password, name
    FAILS = "fails"  # anything else


_BY_STATE = {
    "53100": Cause.FULL,
    "53300": Cause.BUSY,
    "53400": Cause.BUSY,
    "55P03": Cause.BUSY,
    "40001": Cause.BUSY,
    "40P01": Cause.BUSY,
    "57014": Cause.BUSY,
    "25P03": Cause.BUSY,
    "25006": Cause.READ_ONLY,
    "28000": Cause.REFUSES_US,
    "28P01": Cause.REFUSES_US,
    "3D000": Cause.REFUSES_US,
}
_BY_CLASS = {"08": Cause.AWAY, "57": Cause.AWAY}
_BY_CODE = {
    sqlite3.SQLITE_FULL: Cause.FULL,
    sqlite3.SQLITE_BUSY: Cause.BUSY,
    sqlite3.SQLITE_LOCKED: Cause.BUSY,
    sqlite3.SQLITE_READONLY: Cause.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Cause.AWAY,
}
_BY_WORDS = (
    ("password authentication failed", Cause.REFUSES_US, "it refuses our password"),
    ("pg_hba.conf", Cause.REFUSES_US, "its pg_hba.conf does not let us in"),
    ("does not exist", Cause.REFUSES_US, "it knows no such database or role"),
    ("No space left on device", Cause.FULL, "its disk is full"),
    ("starting up", Cause.AWAY, "it is starting"),
    ("recovery mode", Cause.AWAY, "it is starting"),
    ("not yet accepting connections", Cause.AWAY, "it is starting"),
    ("shutting down", Cause.AWAY, "it is stopping"),
    ("too many", Cause.BUSY, "it has no connection left"),
    ("connection slots", Cause.BUSY, "it has no connection left"),
    ("refused", Cause.AWAY, "nobody listens there"),
    ("No such file or directory", Cause.AWAY, "nobody listens there"),
    ("timeout", Cause.AWAY, "it did not answer in time"),
    ("timed out", Cause.AWAY, "it did not answer in time"),
    ("No route to host", Cause.AWAY, "no network leads there"),
    ("Network is unreachable", Cause.AWAY, "no network leads there"),
    ("host name", Cause.AWAY, "its host name is not known"),
    ("resolve", Cause.AWAY, "its host name is not known"),
    ("permission denied", Cause.FAILS, "its role lacks a right"),
    ("terminat", Cause.AWAY, "it ended the connection"),
    ("closed", Cause.AWAY, "it ended the connection"),
)


def cause_of(error: DatabaseFault) -> Cause:
    if isinstance(error, NoConnectionInTime):
        return Cause.BUSY
    state, code = state_of(error), getattr(error.orig, "sqlite_errorcode", None)
    if state is not None:
        return _BY_STATE.get(state, _BY_CLASS.get(state[:2], Cause.FAILS))
    if code is not None:
        return _BY_CODE.get(code & 0xFF, Cause.FAILS)
    text = str(error.orig)
    found = next((cause for words, cause, _ in _BY_WORDS if words in text), None)
    return found or (Cause.AWAY if error.connection_invalidated else Cause.FAILS)


def state_of(error: DatabaseFault) -> str | None:
    """Returns the SQLSTATE if the server itself answered; otherwise `None`."""
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None


def reason_of(error: DatabaseFault) -> str:
    """Describes the error in a few fixed English words, for a log line and for monitoring."""
    if isinstance(error, NoConnectionInTime):
        return "no connection was free in time"
    cause, text = cause_of(error), str(error.orig)
    found = next((reason for words, _, reason in _BY_WORDS if words in text), None)
    return found or {
        Cause.FULL: "its disk is full",
        Cause.BUSY: "a lock was waited for too long",
        Cause.READ_ONLY: "it can only be read",
    }.get(cause, "it does not answer as it should")


def facts_of(error: DatabaseFault) -> dict[str, str]:
    """Returns only those facts of an error that are permitted in the log."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    facts = {"cause": cause_of(error).value, "kind": type(orig).__name__, "reason": reason_of(error)}
    code = state_of(error) or getattr(orig, "sqlite_errorname", None)
    return facts | ({"code": code} if code else {})
