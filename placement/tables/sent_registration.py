"""Registrations that registrants send in, with messages about them; and links to a form without an account."""

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column
from sqlmodel import Field

from placement.core.codes import AgeGroup, Gender
from placement.core.registrant_codes import ConsentTo, SentMessageKind
from placement.crypto.sealed_values import SealedRecord
from placement.tables.columns import WITHOUT_ORDER, encrypted, pseudonym
from placement.tables.sealed_row import InDoubt, SealedRow


class _OfSent(BaseModel):
    model_config = ConfigDict(frozen=True)


class SentPerson(_OfSent):
    """A person as the registrant described the person. Later changes by the desk are not stored here."""

    gender: Gender
    age: int | None = None
    presumed: AgeGroup | None = None


class SentMessage(_OfSent):
    """A message between the desk and the registrant. `answers`: the question to which it is the answer."""

    id: str
    kind: SentMessageKind
    at: datetime
    by: str
    text: str = ""
    about: ConsentTo | None = None
    """The consent that a question asks for. Such a question has no text of its own."""
    agrees: bool | None = None
    """The answer to a question about consent."""
    answers: str | None = None
    due_at: datetime | None = None
    withdrawn_at: datetime | None = None
    read_at: datetime | None = None
    """The time at which a person of the desk read the registrant's message."""


class Rung(_OfSent):
    """The desk's call to a registrant's organisation. `knows`: true if the organisation knows the registration."""

    at: datetime
    by: str
    number: str
    knows: bool


class SentContent(_OfSent):
    """The content of a sent registration. `fields`: the typed fields of a draft, in their order."""

    sender: str
    """The account that sent the registration, or the id of the link."""
    caller: str | None = None
    """The person or body for whom the desk made the link."""
    unit: str | None = None
    telephone: str | None = None
    """The number on which the sender is called back, in E.164."""
    fields: list[tuple[str, str]] = []
    persons: list[SentPerson] = []
    danger_regions: list[str] = []
    """The regions of the danger points, without the region of the registrant's unit."""
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    rung: Rung | None = None
    messages: list[SentMessage] = []

    @property
    def open_questions(self) -> list[SentMessage]:
        answered = {one.answers for one in self.messages}
        return [
            one
            for one in self.messages
            if one.kind is SentMessageKind.QUESTION and one.withdrawn_at is None and one.id not in answered
        ]

    @property
    def unread(self) -> list[SentMessage]:
        """The registrant's messages that nobody of the desk has read."""
        return [one for one in self.messages if one.kind is not SentMessageKind.QUESTION and one.read_at is None]


class SentRegistration(SealedRow, table=True):
    """A registration as its registrant sees it. The registrant never gets the case itself.

    Only the day is in clear; organisation and case are pseudonyms. The data key is destroyed with the case.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.ABSENT
    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    """The reference that the registrant uses. It does not disclose the reference of the case."""
    organisation: str | None = pseudonym("sentregistration.organisation")
    """The registrants' organisation; `None` if the registration was sent by a link."""
    registration_id: str | None = pseudonym("sentregistration.registration_id")
    """The case; `None` for a draft."""
    made_on: date = Field(index=True)
    waits: bool = Field(default=False, index=True)
    """True while a message is unread, or a question has no answer."""
    content: SentContent = Field(sa_column=Column(SealedRecord(SentContent, "key_owner"), nullable=False))

    @property
    def key_owner(self) -> str:
        """The name of this row's data key. The name contains no reference of the case."""
        return f"sent-{self.id}"


class FormLink(SealedRow, table=True):
    """A link to the registration form, for a caller without an account. It is valid for a day and a single
    registration, together with two words that the desk gives by telephone.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.ABSENT
    __table_args__ = WITHOUT_ORDER

    id: str = Field(primary_key=True)
    fingerprint: str = Field(unique=True)
    word: str
    """The fingerprint of the link's secret and the words together."""
    expires_at: datetime = Field(index=True)
    tries: int = 0
    """The number of failed attempts."""
    browser: str | None = None
    """The fingerprint of the cookie of the browser that opened the link. Then no other browser can use the link."""
    used_at: datetime | None = None
    made_by: str
    caller: dict[str, str] = encrypted(nullable=False)
    """The caller, the caller's organisation, and the number on which that organisation is called back."""
