"""Proposals of the engine, and decisions of people."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from placement.core.codes import DecisionKind, DecisionStatus, ProposalStatus
from placement.crypto.sealed_values import SealedLongText
from placement.tables.columns import browser_of, coded, record, sealed, sealed_as, sealed_list
from placement.tables.sealed_row import SealedRow

_STANDS = text("status NOT IN ('refused', 'lapsed', 'withdrawn')")


class Policy(SealedRow, table=True):
    """A version of the weights, in the form of the engine's `policy`. Version 0, without a row, is the default."""

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


class Decision(SealedRow, table=True):
    """The decision of a named user on a proposal, with the approval that the design may require.

    Its facts about the place are sealed with the key of the case; its facts about others, with that of the proposal.
    """

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
    """The reason of the second person's refusal, or of the desk's sending back."""
    mandate_id: str | None = None
    """The standing mandate under which it was carried out before the desk agreed."""
    looked_at: datetime | None = None
    looked_by: str | None = None
    """The time and the person of the last review; `review_on` is then the next day, or empty."""
