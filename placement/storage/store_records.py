"""What is recorded of the store as a whole: that it is synthetic, that its keys were copied, that a backup was made."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, select

from placement.core.codes import StoreFact
from placement.core.ids import fingerprint
from placement.core.settings import Settings
from placement.crypto.key_files import read_lines
from placement.tables import StoreRecord


def record(session: Session, fact: StoreFact, at: datetime, detail: str = "") -> None:
    """Records a fact; what was recorded of it before is replaced."""
    session.merge(StoreRecord(fact=fact, at=at, detail=detail))


def forget(session: Session, fact: StoreFact) -> None:
    """Records that it is so no more."""
    if (found := session.get(StoreRecord, fact)) is not None:
        session.delete(found)


def records(session: Session) -> Mapping[StoreFact, StoreRecord]:
    return {row.fact: row for row in session.exec(select(StoreRecord))}


def is_synthetic(session: Session) -> bool:
    """Whether the store was filled by the seed: nobody in it is real."""
    return session.get(StoreRecord, StoreFact.SYNTHETIC) is not None


def fingerprint_of_keys(settings: Settings) -> str:
    """That of the newest key of the fields and of the log: with a new one of either, what was copied is old."""
    fields = read_lines(settings.field_key_file) if settings.field_key_file else settings.field_keys
    log = read_lines(settings.audit_key_file) if settings.audit_key_file else tuple(settings.audit_key.split(","))
    return fingerprint(f"{fields[0]} {log[0].strip()}")
