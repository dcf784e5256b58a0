"""Requests that a second person answers, of every kind."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.tables.columns import browser_of, coded, encrypted, sealed
from placement.tables.sealed_row import SealedRow


class SecondPersonRequest(SealedRow, table=True):
    """A request of a person, which another person grants or refuses; otherwise it lapses. It gives no access by itself.

    Its facts never change: the second person reads exactly what is carried out.
    """

    __table_args__ = (
        CheckConstraint("(status = 'asked') = (settled_at IS NULL)", name="settled_at"),
        CheckConstraint("status NOT IN ('granted', 'refused') OR settled_by <> asked_by", name="two_persons"),
    )

    id: str = Field(primary_key=True)
    kind: SecondPersonKind = coded(SecondPersonKind, index=True)
    status: SecondPersonStatus = coded(SecondPersonStatus, index=True)
    what: str | None = None
    """The act within its kind, as a code."""
    about: str | None = Field(default=None, index=True)
    """The id of the account, place, legal hold or decision that it concerns, if any."""
    registration_id: str | None = Field(default=None, foreign_key="registration.id", index=True)
    shelter_id: str | None = Field(default=None, foreign_key="shelter.id", index=True)
    facts: Any = encrypted(nullable=False)
    """The facts of the request, by name."""
    asked_by: str
    asked_at: datetime
    browser: str | None = browser_of("secondpersonrequest")
    """The browser of the request."""
    expires_at: datetime | None = None
    """The last moment for a grant (empty: no limit); after a grant to the operator, the last moment to carry it out."""
    settled_at: datetime | None = None
    settled_by: str | None = None
    """Empty if it lapsed."""
    text: str | None = sealed("registration_id")
    """Why a decision was refused, in words."""
    begun_at: datetime | None = None
    done_at: datetime | None = None
    """The time at which the operator carried it out; only for kinds that are not carried out at once."""
