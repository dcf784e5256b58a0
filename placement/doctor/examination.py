"""The checks of the store, by area. They change nothing. If the store is unreadable, the checks that need to read it
are skipped.
"""

import ctypes
from collections.abc import Callable, Generator, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime
from sqlmodel import Session, SQLModel, col, select

from placement.audit import verification
from placement.backup.manifest import BEGINS, manifests
from placement.core import clock
from placement.core.codes import StoreFact
from placement.core.context import by_command
from placement.core.errors import Misconfigured
from placement.core.settings import LOOPBACK, Settings, unknown_variables
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.doctor import log
from placement.doctor.admins import admins
from placement.doctor.backups import backups, kept_too_long
from placement.doctor.files import database_file, files
from placement.doctor.findings import Finding, Found
from placement.doctor.keys import keys, lacking
from placement.doctor.surroundings import surroundings
from placement.jobs import periodic
from placement.leave.ended_service import Destruction, destruction_of
from placement.storage import job_failures, row_order, store_records
from placement.storage.database import Database
from placement.storage.database_faults import Cause, DatabaseFault, cause_of, reason_of, state_of
from placement.storage.readiness import try_what_requests_need
from placement.storage.schema_form import LEADS_HERE, SchemaForm
from placement.tables import AuditEvent

_CLOCKS_DIFFER = timedelta(seconds=5)  # assumed
_NOT_SYNCHRONISED = 5
"""The result `TIME_ERROR` of adjtimex(2)."""
_ROOM_OF_TIMEX = 512
"""A number of bytes in which `struct timex` fits on every machine."""
_BY_CAUSE = {
    Cause.AWAY: Found.STORE_AWAY,
    Cause.FULL: Found.STORE_FULL,
    Cause.BUSY: Found.STORE_BUSY,
    Cause.READ_ONLY: Found.STORE_READ_ONLY,
    Cause.REFUSES_US: Found.STORE_REFUSES_US,
}
_NO_RIGHT = "42501"
_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"}
"""Error codes of SQLite, and states of PostgreSQL, that mean a damaged file."""
_BY_FORM = {
    SchemaForm.OLDER: Finding(Found.SCHEMA_OLDER),
    SchemaForm.TOO_OLD: Finding(Found.SCHEMA_TOO_OLD, {"version": LEADS_HERE}),
    SchemaForm.AHEAD: Finding(Found.SCHEMA_SHARED),
    SchemaForm.BEHIND: Finding(Found.SCHEMA_SHARED),
    SchemaForm.NEWER: Finding(Found.SCHEMA_NEWER),
    SchemaForm.FOREIGN: Finding(Found.SCHEMA_FOREIGN),
}


def findings(settings: Settings) -> Iterator[Finding]:
    """Yields the findings of all checks. Each check yields at least one finding."""
    yield from _settings(settings)
    yield from files(settings)
    is_left = yield from _store(settings)
    if not is_left:
        yield from surroundings(settings)


def _settings(settings: Settings) -> Iterator[Finding]:
    wrong = [
        Finding(Found.SETTINGS_UNKNOWN, {"name": name, "nearest": nearest or "-"})
        for name, nearest in unknown_variables().items()
    ]
    if settings.plain_http and settings.address and urlsplit(settings.address).hostname not in LOOPBACK:
        wrong.append(Finding(Found.SETTINGS_PLAIN_HTTP))
    if settings.webauthn != "off":
        try:
            _ = settings.relying_party
        except Misconfigured as why:
            wrong.append(Finding(Found.SETTINGS_PASSKEYS, {"why": str(why)}))
    yield from wrong or [Finding(Found.SETTINGS_WELL)]


def _store(settings: Settings) -> Generator[Finding, None, bool]:
    """Yields findings about the store. Returns true if `placement leave` destroyed its keys; no check then follows."""
    file = database_file(settings)
    if file is not None and not file.exists():  # opening a missing file would create it
        yield _empty(settings)
        return False
    try:
        database = Database.open(settings)
        try:
            return (yield from _of_store(database, settings))
        finally:
            database.close()
    except (DBAPIError, NoConnectionInTime) as error:
        yield _fault(error)
    except Misconfigured as wrong:
        yield Finding(Found.KEYS_UNUSABLE, {"why": str(wrong)})
    return False


def _fault(error: DatabaseFault) -> Finding:
    state = state_of(error) or getattr(getattr(error, "orig", None), "sqlite_errorname", "")
    found = Found.STORE_NO_RIGHT if state == _NO_RIGHT else _BY_CAUSE.get(cause_of(error), Found.STORE_FAILS)
    if state in _DAMAGED:
        found = Found.STORE_DAMAGED
    return Finding(found, {"reason": reason_of(error)})


def _empty(settings: Settings) -> Finding:
    """Returns the finding about an empty store. If keys, log heads or backups are left from earlier use, the content of
    the store was lost. Otherwise the store is new.
    """
    left = []
    if any(file.stem != PSEUDONYMS for file in settings.key_store.glob("*.key")):
        left.append(settings.key_store)
    if settings.audit_heads.is_file() and settings.audit_heads.stat().st_size:
        left.append(settings.audit_heads)
    if any(settings.backup_folder.glob(f"{BEGINS}*.json")):
        left.append(settings.backup_folder)
    if not left:
        return Finding(Found.SCHEMA_NONE)
    return Finding(Found.STORE_LOST, {"left": ", ".join(map(str, left))})


def _form(database: Database, settings: Settings) -> Finding | None:
    """Returns the finding about a fault of the tables; `None` if the tables are in order."""
    form = database.form()
    if form is SchemaForm.EMPTY:
        return _empty(settings)
    if not form.is_usable:
        return _BY_FORM[form]
    with database.engine.connect() as connection:
        lost = sorted(set(SQLModel.metadata.tables) - set(inspect(connection).get_table_names()))
    return Finding(Found.SCHEMA_INCOMPLETE, {"tables": ", ".join(lost)}) if lost else _BY_FORM.get(form)


def _of_store(database: Database, settings: Settings) -> Generator[Finding, None, bool]:
    wrong_form = _form(database, settings)
    yield Finding(Found.STORE_WELL, {"kind": database.engine.dialect.name})
    yield wrong_form or Finding(Found.SCHEMA_WELL)
    if wrong_form is not None and wrong_form.found is not Found.SCHEMA_SHARED:
        return False
    with database.transaction() as session:
        act = by_command(session, settings)
        if (left := destruction_of(session)) is not None:
            yield _destroyed(left)
            if left.is_done:
                yield from kept_too_long(act, list(manifests(settings.backup_folder)))
                return True
        try_what_requests_need(session)
        yield from _whole(session)
        unreadable = lacking(act)
        no_log = log.foreign_key(session, database)
        ends_well = no_log is None and (yield from log.log(act, database))
        wrong = [one for one in (unreadable, no_log) if one]
        yield from wrong or keys(act)
        if unreadable is None:
            yield from log.rows(session, ends_well=ends_well)
            if no_log is None:
                yield from log.check(database)
                yield from log.shipping(act, database)
            yield from admins(session)
        yield from _clock(session)
        yield from _jobs(session)
        yield from _mail(session)
        yield from backups(act)
    if ends_well:
        yield log.newest_lines(database, verification.read_heads(settings.audit_heads))
    return False


def _whole(session: Session) -> Iterator[Finding]:
    if store_records.is_synthetic(session):
        yield Finding(Found.STORE_SYNTHETIC)
    if kept := row_order.out_of_reach(session):
        yield Finding(Found.STORE_KEEPS_ORDER, {"count": len(kept)})
    elif late := row_order.overdue(session, clock.now()):
        yield Finding(Found.STORE_ORDER_LATE, {"count": len(late)})


def _destroyed(left: Destruction) -> Finding:
    found = Found.KEYS_DESTROYED if left.is_done else Found.KEYS_HALF_DESTROYED
    return Finding(found, {"id": left.id or "-", "day": left.day or "-"})


def _jobs(session: Session) -> Iterator[Finding]:
    late = periodic.are_late(session, clock.now())
    fails = job_failures.failing(session, store_records.records(session))
    if late:
        yield Finding(Found.JOBS_LATE)
    if fails is not None:
        yield Finding(Found.JOB_FAILS, {"job": fails.job, "at": fails.since.isoformat(timespec="seconds")})
    if not late and fails is None:
        yield Finding(Found.JOBS_WELL)


def _mail(session: Session) -> Iterator[Finding]:
    """Yields a finding about the last failed delivery of a mail. A server that answers can still refuse mail."""
    found = store_records.records(session).get(StoreFact.MAIL_FAILS)
    if found is not None and not found.detail:
        yield Finding(Found.MAIL_NOT_TAKEN, {"at": found.at.isoformat(timespec="seconds")})


def _clock(session: Session) -> Iterator[Finding]:
    last = session.exec(select(AuditEvent.at).order_by(col(AuditEvent.id).desc()).limit(1)).first()
    now = clock.now()
    if last is not None and last > now + _CLOCKS_DIFFER:
        yield Finding(Found.CLOCK_BEHIND, {"at": last.isoformat(timespec="seconds")})
        return
    if session.get_bind().dialect.name == "postgresql":
        there = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        if abs(there - now) > _CLOCKS_DIFFER:
            yield Finding(Found.CLOCK_DIFFERS, {"seconds": round((there - now).total_seconds())})
            return
    yield Finding(Found.CLOCK_WELL if is_synchronised() else Found.CLOCK_FREE)


def is_synchronised(ask: Callable[[object], int] | None = None) -> bool:
    """Checks whether the kernel considers its clock synchronised. The call adjtimex(2) changes nothing here."""
    ask = ask or ctypes.CDLL(None).adjtimex
    return ask(ctypes.byref(ctypes.create_string_buffer(_ROOM_OF_TIMEX))) != _NOT_SYNCHRONISED
