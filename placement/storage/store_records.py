"""Records about the whole database, for example that its data are synthetic, or the time of the last backup."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Executable, delete, true, update
from sqlmodel import Session, col

from placement.core.codes import StoreFact
from placement.core.ids import fingerprint
from placement.core.read_ahead import Rows, rows_of
from placement.core.settings import Settings
from placement.crypto.key_files import read_lines
from placement.storage.unique_insert import insert_once
from placement.tables import StoreRecord

RECORDS = Rows(StoreRecord, true())
_READ = "store records"


def record(session: Session, fact: StoreFact, at: datetime, detail: str = "") -> None:
    """Records a fact, or replaces its earlier record. Safe if several processes do this at once."""
    if not record_once(session, fact, at, detail):
        _execute(session, update(StoreRecord).where(col(StoreRecord.fact) == fact).values(at=at, detail=detail))


def record_once(session: Session, fact: StoreFact, at: datetime, detail: str = "") -> bool:
    """Records a fact unless it is recorded already. Returns true if it was recorded now."""
    session.info.pop(_READ, None)
    return insert_once(session, StoreRecord(fact=fact, at=at, detail=detail))


def replace(session: Session, found: StoreRecord, at: datetime, detail: str) -> None:
    """Replaces this record. Does nothing if another process replaced or deleted it."""
    _execute(session, update(StoreRecord).where(*_as(found)).values(at=at, detail=detail))


def forget(session: Session, fact: StoreFact) -> None:
    """Deletes the record of a fact that is no longer true."""
    _execute(session, delete(StoreRecord).where(col(StoreRecord.fact) == fact))


def forget_found(session: Session, found: StoreRecord) -> None:
    """Deletes this record. Does nothing if another process replaced it."""
    _execute(session, delete(StoreRecord).where(*_as(found)))


def _execute(session: Session, change: Executable) -> None:
    session.info.pop(_READ, None)
    session.execute(change)


def _as(found: StoreRecord) -> tuple[ColumnElement[bool], ...]:
    return col(StoreRecord.fact) == found.fact, col(StoreRecord.at) == found.at, col(StoreRecord.detail) == found.detail


def records(session: Session) -> Mapping[StoreFact, StoreRecord]:
    """Returns all records. Cached for the transaction, until it changes a record."""
    known: Mapping[StoreFact, StoreRecord] | None = session.info.get(_READ)
    if known is None:
        known = session.info[_READ] = {row.fact: row for row in rows_of(session, RECORDS)}
    return known


def is_synthetic(session: Session) -> bool:
    """Checks whether the seed command filled the database, so that it contains no real person."""
    return session.get(StoreRecord, StoreFact.SYNTHETIC) is not None


def fingerprint_of_keys(settings: Settings) -> str:
    """Returns a fingerprint of the newest service and log keys. It shows whether a copy of the keys is outdated."""
    fields = read_lines(settings.field_key_file) if settings.field_key_file else settings.field_keys
    log = read_lines(settings.audit_key_file) if settings.audit_key_file else tuple(settings.audit_key.split(","))
    return fingerprint(f"{fields[0]} {log[0].strip()}")
