"""Proposals of the engine, and decisions of people."""

from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import relationship
from sqlmodel import Field, Relationship, SQLModel

from placement.core.codes import DecisionKind, DecisionStatus, ProposalStatus
from placement.crypto.sealed_values import SealedLongText
from placement.tables.columns import browser_of, coded, record, sealed, sealed_as, sealed_list
from placement.tables.sealed_row import InDoubt, SealedRow
from placement.tables.second_person import SecondPersonRequest

_REQUEST = "and_(foreign(SecondPersonRequest.about) == Decision.id, SecondPersonRequest.kind == 'decision')"
_STANDS = text("status NOT IN ('refused', 'lapsed', 'withdrawn')")


class Policy(SealedRow, table=True):
    """A version of the weights, in the form of the engine's `policy`. Version 0, without a row, is the default."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.STOPS

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    weights: dict[str, object] = record()
    set_at: datetime
    set_by: str
    reason: str
    """The reason of the change, in words. It is about weights: no case is in it."""


class FrozenProblem(SQLModel, table=True):
    """The exact bytes that went into the engine: one row for one state of the world, shared by all its proposals.

    They contain facts of all waiting registrations, so they have a key of their own. The row and its key are destroyed
    with the last proposal that refers to it.
    """

    id: str = Field(primary_key=True)
    fingerprint: str | None = Field(unique=True)
    """A keyed hash by which an equal problem is found."""
    problem: str | None = sealed_as(SealedLongText, "id")


_TO_ERASE = text("advice IS NOT NULL")


class Proposal(SQLModel, table=True):
    """The answer for all waiting registrations, from the view of one registration, with everything that led to it.

    The frozen problem and `advice` are the exact input and output of the engine, so that the proposal can be replayed.
    Both contain facts of all waiting registrations; `advice` has a key of its own. Both are `None` after erasure.
    """

    __table_args__ = (Index("ix_proposal_to_erase", "made_at", sqlite_where=_TO_ERASE, postgresql_where=_TO_ERASE),)

    id: str = Field(primary_key=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    registration_version: int
    status: ProposalStatus = coded(ProposalStatus, index=True)
    made_at: datetime
    made_by: str
    expires_at: datetime
    unit_id: Any = sealed("registration_id")
    problem_id: str | None = Field(default=None, foreign_key="frozenproblem.id", index=True)
    problem: str | None = sealed_as(SealedLongText, "id")
    """The problem of a proposal from an earlier version, which shares it with no other."""
    advice: str | None = sealed_as(SealedLongText, "id")
    missing_counts: str | None = sealed_as(SealedLongText, "id")
    """The units that give nothing out because they were never counted; not part of the problem."""
    policy_version: int
    engine_version: str


class Answered(NamedTuple):
    """The answer to a decision: when, by whom, and why not."""

    at: datetime | None
    by: str | None
    text: str | None


class Decision(SealedRow, table=True):
    """The decision of a named user on a proposal, and the desk's confirmation if that is needed.

    Its facts about the place are sealed with the key of the case; its facts about others, with that of the proposal.
    The answer of a second person is in its request (`answer`).
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    __table_args__ = (
        CheckConstraint("kind = 'accept' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("second_by IS NULL OR second_by <> decided_by", name="two_persons"),
        Index(
            "uq_decision_one_standing",
            "proposal_id",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
    )

    id: str = Field(primary_key=True)
    proposal_id: str = Field(foreign_key="proposal.id", index=True)
    registration_id: str = Field(foreign_key="registration.id", index=True)
    kind: DecisionKind = coded(DecisionKind)
    status: DecisionStatus = coded(DecisionStatus, index=True)
    unit_id: Any = sealed("registration_id")
    reason: str | None = None
    text: str | None = sealed("proposal_id")
    client_says: str | None = sealed("registration_id")
    """The client's own answer to the place, as a code."""
    review_on: date | None = None
    broken: list[str] = sealed_list("registration_id")
    """The hard rules that the placement broke at the decision."""
    loss: int | None = None
    """Points that all registrations together lose by it, as the proposal showed."""
    displaces: list[str] = sealed_list("proposal_id")
    decided_at: datetime
    decided_by: str
    browser: str | None = browser_of("decision")
    """The browser of the decision."""
    second_at: datetime | None = None
    second_by: str | None = None
    second_text: str | None = sealed("registration_id")
    """The reason of the desk's refusal, or of its sending back."""
    mandate_id: str | None = None
    """The standing mandate under which it was carried out before the desk agreed."""
    looked_at: datetime | None = None
    looked_by: str | None = None
    """The time and the person of the last review; `review_on` is then the next day, or empty."""
    request: SecondPersonRequest | None = Relationship(
        sa_relationship=relationship(
            SecondPersonRequest, primaryjoin=_REQUEST, viewonly=True, uselist=False, lazy="joined"
        )
    )
    """The request for a second person, if it broke a hard rule."""

    @property
    def answer(self) -> Answered:
        """Returns the answer of a second person, or of the desk; an empty answer as long as nobody gave it."""
        asked = self.request
        if asked is not None and asked.status.is_answer:
            return Answered(asked.settled_at, asked.settled_by, asked.text)
        return Answered(self.second_at, self.second_by, self.second_text)
