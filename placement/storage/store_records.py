"""What is recorded of the store as a whole: that it is synthetic, that its keys were copied, that a backup was made."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, select

from placement.core.codes import StoreFact
from placement.tables import StoreRecord


def record(session: Session, fact: StoreFact, at: datetime, by: str, detail: str = "") -> None:
    """Records a fact; what was recorded of it before is replaced."""
    session.merge(StoreRecord(fact=fact, at=at, recorded_by=by, detail=detail))


def records(session: Session) -> Mapping[StoreFact, StoreRecord]:
    return {row.fact: row for row in session.exec(select(StoreRecord))}


def is_synthetic(session: Session) -> bool:
    """Whether the store was filled by the seed: nobody in it is real."""
    return session.get(StoreRecord, StoreFact.SYNTHETIC) is not None
