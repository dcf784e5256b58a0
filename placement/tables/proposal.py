"""Proposals of the engine, and people's decisions on them."""

from collections.abc import Mapping
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
    """A version of the weights, in the form of the engine's `policy`. Version 0 contains the default weights and has no
    row.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.STOPS

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    weights: dict[str, object] = record()
    set_at: datetime
    set_by: str
    reason: str
    """The reason of the change, as text. It describes weights and contains no case data."""


class FrozenProblem(SQLModel, table=True):
    """The exact bytes of the engine's input. All proposals from the same input share a row. The bytes contain facts of
    all waiting registrations, so each row has its own key. Row and key are destroyed together with the last proposal
    that refers to the row.
    """

    id: str = Field(primary_key=True)
    fingerprint: str | None = Field(unique=True)
    """A keyed hash of the problem, by which an equal problem is found."""
    problem: str | None = sealed_as(SealedLongText, "id")


_TO_ERASE = text("advice IS NOT NULL")


class Proposal(SealedRow, table=True):
    """A proposal for a registration. It contains the engine's exact input (the frozen problem) and output (`advice`),
    so that it can be replayed. Both contain facts of all waiting registrations; `advice` has its own key. Both are
    `None` after erasure.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.SHOWN
    OUTSIDE: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("problem", "advice", "missing_counts"), "long, and written once: it opens in this row only, or is erased"
    )
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
    """The problem of an older proposal, made before proposals shared their problems (`FrozenProblem`)."""
    advice: str | None = sealed_as(SealedLongText, "id")
    missing_counts: str | None = sealed_as(SealedLongText, "id")
    """The units that were excluded because they were never counted. The problem does not contain these units."""
    policy_version: int
    engine_version: str
    service_version: str | None = None
    """The version of the service with its commit; `None` for a proposal made before version 1.0.0."""


class Answered(NamedTuple):
    """The answer to a decision: its time, the person who answered, and the text of a refusal."""

    at: datetime | None
    by: str | None
    text: str | None


class Decision(SealedRow, table=True):
    """A person's decision on a proposal, with the desk's confirmation if the decision needs it. Facts about the place
    are sealed with the key of the case. Facts about other cases are sealed with the key of the proposal. If a second
    person must answer, the answer is in the request (`answer`).
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
    """The client's own answer to the proposed place, as a code."""
    review_on: date | None = None
    broken: list[str] = sealed_list("registration_id")
    """The hard rules that the placement broke at the time of the decision."""
    loss: int | None = None
    """The points that all registrations together lose by this decision, as the proposal showed."""
    displaces: list[str] = sealed_list("proposal_id")
    decided_at: datetime
    decided_by: str
    browser: str | None = browser_of("decision")
    """A pseudonym of the browser in which the decision was made."""
    second_at: datetime | None = None
    second_by: str | None = None
    second_text: str | None = sealed("registration_id")
    """The desk's reason for refusing the decision or sending it back."""
    mandate_id: str | None = None
    """The standing mandate under which the decision was carried out before the desk agreed to the decision."""
    looked_at: datetime | None = None
    looked_by: str | None = None
    """The person who last reviewed the decision; `looked_at` is the time. After a review, `review_on` is the day of the
    next review, or empty.
    """
    request: SecondPersonRequest | None = Relationship(
        sa_relationship=relationship(
            SecondPersonRequest, primaryjoin=_REQUEST, viewonly=True, uselist=False, lazy="joined"
        )
    )
    """The request for a second person's answer. It exists if the decision broke a hard rule."""

    @property
    def answer(self) -> Answered:
        """Returns the answer of the second person or of the desk. While there is no answer, all its
        fields are `None`.
        """
        asked = self.request
        if asked is not None and asked.status.is_answer:
            return Answered(asked.settled_at, asked.settled_by, asked.text)
        return Answered(self.second_at, self.second_by, self.second_text)
