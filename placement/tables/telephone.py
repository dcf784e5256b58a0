"""Telephone: which number of a shelter was changed when, and what the desk entered that a shelter said by telephone."""

from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import CheckConstraint
from sqlmodel import Field

from placement.core.telephone_codes import Heard, NumberConfirmed, TelephoneUse
from placement.tables.columns import WITHOUT_ORDER, browser_of, coded, encrypted
from placement.tables.sealed_row import SealedRow


class NumberChange(SealedRow, table=True):
    """A change of one number of a shelter. The number of now stands with its organisation."""

    __table_args__ = (
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_by"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_how IS NULL)", name="confirmed_how"),
    )

    id: str = Field(primary_key=True)
    shelter_id: str = Field(foreign_key="shelter.id", index=True)
    use: TelephoneUse = coded(TelephoneUse)
    number: str | None = encrypted()
    """As E.164; None: it was taken away."""
    former: str | None = encrypted()
    """The last number before it that was not new itself; None: there was no such number."""
    changed_at: datetime
    changed_by: str
    browser: str | None = browser_of("numberchange")
    """With which it was changed."""
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_how: NumberConfirmed | None = coded(NumberConfirmed, nullable=True)


class EntryContent(BaseModel):
    """What was entered, and what became of it. `number`: the number that was rung, as E.164."""

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
    """Whether a yes was entered by who decided, as nobody else of the desk was on duty."""
    to_read_back: bool = False
    """Whether the shelter only hears at the next call what was entered."""
    agreed_at: datetime | None = None
    """When the shelter agreed with its own account."""
    agreed_by: str | None = None
    rung_back_at: datetime | None = None
    """When the shelter was last rung about it, and agreed."""
    rung_back_by: str | None = None
    contradicted_at: datetime | None = None
    contradicted_by: str | None = None
    contradiction: str | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    settlement: str | None = None

    @property
    def is_certain(self) -> bool:
        """Whether the shelter agreed, with its own account or when it was rung back, after any contradiction."""
        agreed = [at for at in (self.agreed_at, self.rung_back_at) if at is not None]
        return bool(agreed) and (self.contradicted_at is None or max(agreed) > self.contradicted_at)

    @property
    def is_contradicted(self) -> bool:
        """Whether a contradiction waits for the desk."""
        return self.contradicted_at is not None and self.settled_at is None

    @property
    def waits(self) -> bool:
        """Whether a person of the desk still has to do something about it."""
        asks = self.kind is Heard.YES or self.to_read_back
        return self.is_contradicted or (asks and not self.is_certain)


class TelephoneEntry(SealedRow, table=True):
    """What a shelter said by telephone, as a person of the desk entered it.

    It names shelter and case together, and so all of it is encrypted but its day: no time of it is in clear.
    """

    __table_args__ = (WITHOUT_ORDER,)

    id: str = Field(primary_key=True)
    made_on: date = Field(index=True)
    waits: bool = Field(default=True, index=True)
    """Whether a person still has to do something about it, or may contradict it."""
    browser: str | None = browser_of("telephoneentry")
    """With which it was entered."""
    caller: dict[str, str] | None = encrypted()
    """Who said it, role and name as given; None: erased."""
    content: dict[str, object] = encrypted(nullable=False)
    """An `EntryContent`."""
