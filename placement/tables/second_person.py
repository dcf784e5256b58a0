"""Requests of every kind that need the answer of a second person."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.tables.columns import browser_of, coded, encrypted, sealed
from placement.tables.sealed_row import SealedRow


class SecondPersonRequest(SealedRow, table=True):
    """A request that another person grants or refuses. If nobody answers, the request lapses. The request itself gives
    no access. The facts of a request never change, so that the second person reads exactly what is carried out.
    """

    __table_args__ = (
        CheckConstraint("(status = 'asked') = (settled_at IS NULL)", name="settled_at"),
        CheckConstraint("status NOT IN ('granted', 'refused') OR settled_by <> asked_by", name="two_persons"),
    )

    id: str = Field(primary_key=True)
    kind: SecondPersonKind = coded(SecondPersonKind, index=True)
    status: SecondPersonStatus = coded(SecondPersonStatus, index=True)
    what: str | None = None
    """The code of the requested act within the request's kind."""
    about: str | None = Field(default=None, index=True)
    """The id of the object of the request, if there is one object: an account, a place, a legal hold or a decision."""
    registration_id: str | None = Field(default=None, foreign_key="registration.id", index=True)
    shelter_id: str | None = Field(default=None, foreign_key="shelter.id", index=True)
    facts: Any = encrypted(nullable=False)
    """The facts of the request, by name."""
    asked_by: str
    asked_at: datetime
    browser: str | None = browser_of("secondpersonrequest")
    """A pseudonym of the browser in which the request was made."""
    expires_at: datetime | None = None
    """The last moment at which the request can be granted. After the grant: the last moment at which an operator can
    carry it out. `None`: no limit.
    """
    settled_at: datetime | None = None
    settled_by: str | None = None
    """The person who granted, refused or withdrew the request; empty if it lapsed."""
    text: str | None = sealed("registration_id")
    """The reason why a decision was refused, as text."""
    begun_at: datetime | None = None
    done_at: datetime | None = None
    """The time at which the operator carried the request out. Set only for kinds that an operator carries out."""
