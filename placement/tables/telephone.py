"""Telephone: the changes of shelters' numbers, and the desk's entries of what shelters reported by telephone."""

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import CheckConstraint
from sqlmodel import Field

from placement.core.telephone_codes import Heard, NumberConfirmed, TelephoneUse
from placement.tables.columns import WITHOUT_ORDER, browser_of, coded, encrypted
from placement.tables.sealed_row import InDoubt, SealedRow


class NumberChange(SealedRow, table=True):
    """A change of one number of a shelter. Its organisation has the present number."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = (
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_by"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_how IS NULL)", name="confirmed_how"),
    )

    id: str = Field(primary_key=True)
    shelter_id: str = Field(foreign_key="shelter.id", index=True)
    use: TelephoneUse = coded(TelephoneUse)
    number: str | None = encrypted()
    """A number in E.164; `None`: it was removed."""
    former: str | None = encrypted()
    """The last number before it that was not new itself; `None`: there was no such number."""
    changed_at: datetime
    changed_by: str
    browser: str | None = browser_of("numberchange")
    """The browser of the change."""
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_how: NumberConfirmed | None = coded(NumberConfirmed, nullable=True)


class EntryContent(BaseModel):
    """An entry and its later history. `number`: the number that was called, in E.164."""

    kind: Heard
    shelter: str
    use: TelephoneUse
    number: str
    heard_at: datetime
    entered_at: datetime
    entered_by: str
    registration: str | None = None
    hold: str | None = None
    stay: str | None = None
    persons: list[int] = []
    """The persons of the household who left, by number; empty: everybody."""
    alone: bool = False
    """True if the person who decided entered the acceptance, because nobody else of the desk was on duty."""
    to_read_back: bool = False
    """True if the shelter learns of the entry only at the next call."""
    agreed_at: datetime | None = None
    """The time at which the shelter agreed with its own account."""
    agreed_by: str | None = None
    rung_back_at: datetime | None = None
    """The time of the last call at which the shelter agreed."""
    rung_back_by: str | None = None
    contradicted_at: datetime | None = None
    contradicted_by: str | None = None
    contradiction: str | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    settlement: str | None = None

    @property
    def is_certain(self) -> bool:
        """True if the shelter agreed, with its own account or when called back, after any contradiction."""
        agreed = [at for at in (self.agreed_at, self.rung_back_at) if at is not None]
        return bool(agreed) and (self.contradicted_at is None or max(agreed) > self.contradicted_at)

    @property
    def is_contradicted(self) -> bool:
        """True if a contradiction waits for the desk."""
        return self.contradicted_at is not None and self.settled_at is None

    @property
    def waits(self) -> bool:
        """True if a person of the desk still has to act on it."""
        asks = self.kind is Heard.YES or self.to_read_back
        return self.is_contradicted or (asks and not self.is_certain)


class TelephoneEntry(SealedRow, table=True):
    """A shelter's report by telephone, as entered by a person of the desk.

    It names shelter and case together, so everything but its day is encrypted: no time of it is in clear.
    """

    __table_args__ = (WITHOUT_ORDER,)

    id: str = Field(primary_key=True)
    made_on: date = Field(index=True)
    waits: bool = Field(default=True, index=True)
    """True if a person still has to act on it, or may contradict it."""
    browser: str | None = browser_of("telephoneentry")
    """The browser of the entry."""
    caller: dict[str, str] | None = encrypted()
    """Role and name of the speaker, as given; `None` after erasure."""
    content: dict[str, object] = encrypted(nullable=False)
    """An `EntryContent`."""
