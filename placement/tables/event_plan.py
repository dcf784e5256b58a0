"""The plan of an event."""

from datetime import date
from typing import ClassVar

from sqlmodel import Field

from placement.crypto.sealed_values import SealedLongText
from placement.tables.columns import WITHOUT_ORDER, pseudonym, sealed_as
from placement.tables.sealed_row import InDoubt, SealedRow


class EventPlan(SealedRow, table=True):
    """The newest plan of an event, with the exact input and output of the engine. They contain facts of all waiting
    registrations, so each plan has its own data key. An erasure deletes the plan; it can be made again.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.ABSENT
    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    event_id: str = pseudonym("eventplan.event_id", nullable=False, unique=True)
    version: int = 1
    made_on: date
    content: str | None = sealed_as(SealedLongText, "key_owner")
    """The fields of a `StoredPlan` (`placement/events/event_plans.py`)."""

    @property
    def key_owner(self) -> str:
        return f"plan-{self.id}"
