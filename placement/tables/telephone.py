"""Changes of shelters' telephone numbers, and the desk's entries of shelters' reports by telephone."""

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import CheckConstraint
from sqlmodel import Field

from placement.core.telephone_codes import Heard, NumberConfirmed, TelephoneUse
from placement.tables.columns import WITHOUT_ORDER, browser_of, coded, encrypted
from placement.tables.sealed_row import InDoubt, SealedRow


class NumberChange(SealedRow, table=True):
    """A change of a shelter's telephone number. The current number is stored with the organisation."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = (
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_by"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_how IS NULL)", name="confirmed_how"),
    )

    id: str = Field(primary_key=True)
    shelter_id: str = Field(foreign_key="shelter.id", index=True)
    use: TelephoneUse = coded(TelephoneUse)
    number: str | None = encrypted()
    """The new number in E.164; `None`: the number was removed."""
    former: str | None = encrypted()
    """The number before this change or, after several changes within a short time, the number before the first of them.
    `None`: there was no number.
    """
    changed_at: datetime
    changed_by: str
    browser: str | None = browser_of("numberchange")
    """A pseudonym of the browser in which the number was changed."""
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_how: NumberConfirmed | None = coded(NumberConfirmed, nullable=True)


class EntryContent(BaseModel):
    """The content of an entry, with all later events about the entry. `number`: the number that the desk called, in
    E.164.
    """

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
    """The numbers of the persons of the household who left. If the list is empty, everybody left."""
    alone: bool = False
    """True if the person who decided also entered the acceptance, because nobody else of the desk was on duty."""
    to_read_back: bool = False
    """True if the shelter is informed of the entry only in the next telephone call."""
    agreed_at: datetime | None = None
    """The time at which the shelter confirmed the entry with its own account."""
    agreed_by: str | None = None
    rung_back_at: datetime | None = None
    """The time of the last call in which the shelter confirmed the entry."""
    rung_back_by: str | None = None
    contradicted_at: datetime | None = None
    contradicted_by: str | None = None
    contradiction: str | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    settlement: str | None = None

    @property
    def is_certain(self) -> bool:
        """True if the shelter confirmed the entry, with its own account or when called back, and has not contradicted
        the entry afterwards.
        """
        agreed = [at for at in (self.agreed_at, self.rung_back_at) if at is not None]
        return bool(agreed) and (self.contradicted_at is None or max(agreed) > self.contradicted_at)

    @property
    def is_contradicted(self) -> bool:
        """True if the shelter contradicted the entry and the desk has not settled it yet."""
        return self.contradicted_at is not None and self.settled_at is None

    @property
    def waits(self) -> bool:
        """True if a person of the desk still has to act on the entry."""
        asks = self.kind is Heard.YES or self.to_read_back
        return self.is_contradicted or (asks and not self.is_certain)


class TelephoneEntry(SealedRow, table=True):
    """A shelter's report by telephone, as a person of the desk entered it. An entry links a shelter to a case, so its
    content is encrypted. Only the day of the entry is in clear, never a clock time.
    """

    __table_args__ = (WITHOUT_ORDER,)

    id: str = Field(primary_key=True)
    made_on: date = Field(index=True)
    waits: bool = Field(default=True, index=True)
    """True if a person of the desk still has to act on the entry, or the shelter can still contradict it."""
    browser: str | None = browser_of("telephoneentry")
    """A pseudonym of the browser in which the entry was made."""
    caller: dict[str, str] | None = encrypted()
    """The caller's role and name, as the caller gave them; `None` after erasure."""
    content: dict[str, object] = encrypted(nullable=False)
    """The fields of an `EntryContent`."""
