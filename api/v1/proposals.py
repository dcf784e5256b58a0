"""Proposals: where a client could go, why, and the alternatives; and decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from api.http.context import Acts, Input, Output
from api.http.field_types import Code, Day
from api.http.paging import Limit, Offset, OfProposal
from api.v1.decision_told import ToldIn
from api.v1.people import People, people_of
from api.v1.ways_out import RoomUseOut, WayOutOut, serialize
from matching import Advice
from placement.access import scoped_queries
from placement.access.permissions import Permission
from placement.capacity import place_names
from placement.core.codes import DecisionKind, DecisionStatus
from placement.core.consent_codes import ClientSays
from placement.core.context import Act, Actor
from placement.crypto.encrypted_columns import is_readable
from placement.placements import decisions, proposal_presentation, proposals, reads
from placement.placements.proposal_presentation import ProposalWords
from placement.solver.engine_process import Solver
from placement.tables import Decision, Proposal
from placement.text.messages import Language


class TermOut(Output):
    term: str
    points: int
    words: str


class WhyOut(Output):
    """A reason made of facts of the problem."""

    code: str
    facts: dict[str, Any]
    words: str


class CostOut(Output):
    """What all clients together would lose, and who would lose a place: by reference where you may see them."""

    points: int | None
    registrations: list[str]
    others: int


class BrokenOut(Output):
    rule: str
    facts: dict[str, Any]
    words: str


class ChangeOut(Output):
    """The smallest change that would open this unit, and who may grant it."""

    rule: str
    who: str
    words: str


class UnitOut(Output):
    unit: str
    name: str
    shelter: str
    region: str
    scheme: str
    freshness: str
    kind: str = Field(
        description="chosen, alternative, given_to_another (others need it more), nearly (one small change opens it), "
        "not_eligible"
    )
    why: list[WhyOut] = Field(description="Why it suits, each a fact of the problem; of a rule that it breaks nothing.")
    not_first: WhyOut | None = Field(description="Of an alternative, why it is not the first choice, as far as known.")
    rooms: list[RoomUseOut]
    points: list[TermOut]
    total: int | None
    cost: CostOut
    broken: list[BrokenOut]
    change: ChangeOut | None
    can_be_chosen: bool = Field(description="Whether there is a bed; any other rule can be set aside.")
    must_agree: list[str] = Field(
        description="Who else has a say where you choose it: second_person, desk, shelter_count (its count is stale), "
        "shelter"
    )
    review_needed: bool = Field(description="Whether a rule of safety breaks, so that `review_on` must be given.")


class EngineOut(Output):
    version: str
    policy_version: int
    status: str = Field(description="optimal, feasible, or degraded: the solver failed, and a simple method answered.")
    objective: int
    bound: int | None
    why: str | None


class ProposalOut(Output):
    id: str
    registration: str
    status: str
    made_at: datetime
    expires_at: datetime
    as_of: date
    engine: EngineOut
    chosen: UnitOut | None
    alternatives: list[UnitOut]
    others: list[UnitOut]
    ways_out: list[WayOutOut] = Field(
        description="The best first: by how many must agree, how many changes, then the loss. Empty where none is, or "
        "the engine had no time left."
    )
    nobody: str | None = Field(description="Why no unit can take the client, where that is so.")
    one_place: bool = Field(
        description="All but the chosen unit is left out: it would disclose where a client of another region lives."
    )


class DecisionIn(ToldIn, Input):
    decision: DecisionKind
    unit: Code | None = Field(None, description="For override: the unit that you choose.")
    reason: Code | None = Field(None, description="A coded reason; see /api/v1/vocabulary. For override and decline.")
    text: str | None = Field(None, max_length=2000)
    review_on: Day | None = Field(None, description="When a safety rule is broken: the day of looking at it again.")


class ConfirmationIn(Input):
    granted: bool


class DecisionOut(Output):
    id: str
    proposal: str
    registration: str
    kind: str
    status: str = Field(
        description="final, waiting_for_desk (COSM, OMM), waiting_for_second (a hard rule is broken), "
        "waiting_for_shelter (its count is stale), refused, lapsed (nobody agreed in time), withdrawn"
    )
    unit: str | None
    place: str | None = Field(description="The unit and its shelter, by name.")
    reason: str | None
    broken: list[str]
    loss: int | None = Field(description="Points that everybody together loses by it, as the proposal showed.")
    displaced: int = Field(description="How many would lose a place by it, as the proposal showed.")
    review_on: date | None
    client_says: ClientSays | None = Field(description="The client's own answer to the place.")
    decided_at: datetime
    decided_by: str
    second_by: str | None
    people: People = Field(description="Whose the accounts in `decided_by` and `second_by` are.")
    hold: str | None


class DecisionPage(Output):
    items: list[DecisionOut]
    total: int


@post(
    "/registrations/{registration_id:str}/proposals",
    operation_id="make_proposal",
    summary="Make a proposal for a registration",
    permission=Permission.PROPOSAL_MAKE,
    status_code=201,
    sync_to_thread=True,
)
def make_proposal(
    acts: NamedDependency[Acts], request: Request[Actor, Any, Any], registration_id: FromPath[str]
) -> Response[ProposalOut]:
    """Get the best answer for all clients who wait, seen from this registration.

    It takes at most 5 seconds once it has begun; 503 where too many ask at once.
    """

    return acts.ask_and_write(
        lambda: ask_proposal(acts, request.app.state.solver, registration_id),
        lambda act, asked: record_proposal(act, asked, acts.language),
        status=201,
    )


@dataclass(frozen=True, slots=True)
class Advised:
    """The engine's answer to a registration, not stored yet."""

    prepared: proposals.Prepared
    advice: Advice


def ask_proposal(acts: Acts, solver: Solver, registration_id: str) -> Advised:
    """The engine's answer, outside any transaction; stored by `record_proposal`. Raises `Busy`."""
    with solver.place():
        prepared = acts.run(lambda act: proposals.prepare(act, registration_id))
        return Advised(prepared, solver.advise(prepared.problem, registration_id))


def record_proposal(act: Act, asked: Advised, language: Language) -> ProposalOut:
    made = proposals.record(act, asked.prepared, asked.advice)
    return _serialize(made, proposal_presentation.serialize(act, made, language))


@get(
    "/proposals/{proposal_id:str}",
    operation_id="read_proposal",
    summary="Read a proposal",
    permission=Permission.PROPOSAL_READ,
    sync_to_thread=True,
)
def read_proposal(acts: NamedDependency[Acts], proposal_id: FromPath[str]) -> Response[ProposalOut]:
    """The proposal as it was made."""
    return acts.read(lambda act: proposal(act, proposal_id, acts.language))


def proposal(act: Act, proposal_id: str, language: Language) -> ProposalOut:
    return _serialize(*reads.proposal(act, proposal_id, language))


@post(
    "/proposals/{proposal_id:str}/decision",
    operation_id="decide_on_proposal",
    summary="Decide on a proposal",
    permission=Permission.PROPOSAL_DECIDE,
    status_code=201,
    sync_to_thread=True,
)
def decide(
    acts: NamedDependency[Acts], proposal_id: FromPath[str], data: JSONBody[DecisionIn]
) -> Response[DecisionOut]:
    """Accept, override or decline. `status` says whether an approval is needed first; `hold` is the hold made."""
    return acts.write(lambda act: make_decision(act, proposal_id, data), status=201)


def make_decision(act: Act, proposal_id: str, data: DecisionIn) -> DecisionOut:
    made = decisions.decide(
        act,
        proposal_id,
        data.decision,
        unit_id=data.unit,
        reason=data.reason,
        text=data.text,
        review_on=data.review_on,
        client_says=data.client_says,
        told=data.told(),
    )
    return _decision(act, made)


@get(
    "/decisions",
    operation_id="list_decisions",
    summary="List decisions",
    permission=Permission.DECISION_READ,
    sync_to_thread=True,
)
def list_decisions(
    acts: NamedDependency[Acts],
    status: FromQuery[DecisionStatus | None] = None,
    limit: Limit = 50,
    offset: Offset = 0,
    proposal: OfProposal = None,
) -> Response[DecisionPage]:
    """Decisions, including those that wait for an approval. The newest first."""

    return acts.read(lambda act: decision_page(act, status, limit, offset, proposal))


def decision_page(
    act: Act, status: DecisionStatus | None, limit: int, offset: int, proposal_id: str | None = None
) -> DecisionPage:
    rows, known, total = reads.decisions(act, status, limit, offset, proposal_id)
    return DecisionPage(items=_decisions(act, rows, known), total=total)


@get(
    "/decisions/{decision_id:str}",
    operation_id="read_decision",
    summary="Read a decision",
    permission=Permission.DECISION_READ,
    sync_to_thread=True,
)
def read_decision(acts: NamedDependency[Acts], decision_id: FromPath[str]) -> Response[DecisionOut]:
    """One decision, and what it still waits for."""
    return acts.read(lambda act: decision(act, decision_id))


def decision(act: Act, decision_id: str) -> DecisionOut:
    return _decision(act, reads.decision(act, decision_id))


@post(
    "/decisions/{decision_id:str}/confirmation",
    operation_id="confirm_decision",
    summary="Agree with a decision, or not",
    permission=Permission.DECISION_CONFIRM,
    status_code=200,
    sync_to_thread=True,
)
def confirm_decision(
    acts: NamedDependency[Acts], decision_id: FromPath[str], data: JSONBody[ConfirmationIn]
) -> Response[DecisionOut]:
    """The desk agrees with a decision that waits for it, or does not. The person who decided cannot answer."""
    return acts.write(lambda act: confirm(act, decision_id, data))


def confirm(act: Act, decision_id: str, data: ConfirmationIn) -> DecisionOut:
    return _decision(act, decisions.answer_decision(act, decision_id, granted=data.granted))


def _serialize(proposal: Proposal, words: ProposalWords) -> ProposalOut:
    return ProposalOut(
        registration=proposal.registration_id,
        as_of=date.fromisoformat(words.as_of),
        engine=EngineOut(
            version=proposal.engine_version,
            policy_version=proposal.policy_version,
            status=words.status,
            objective=words.objective,
            bound=words.bound,
            why=words.why,
        ),
        chosen=UnitOut.model_validate(words.chosen, from_attributes=True) if words.chosen else None,
        alternatives=[UnitOut.model_validate(unit, from_attributes=True) for unit in words.alternatives],
        others=[UnitOut.model_validate(unit, from_attributes=True) for unit in words.others],
        ways_out=[serialize(found) for found in words.ways_out],
        nobody=words.nobody,
        one_place=words.one_place,
        **proposal.model_dump(include={"id", "status", "made_at", "expires_at"}),
    )


def _decision(act: Act, made: Decision) -> DecisionOut:
    return _decisions(act, [made], scoped_queries.decided_on(act.session, [made.id]))[0]


def _decisions(
    act: Act, rows: Sequence[Decision], known: Mapping[str, tuple[Proposal, str | None]]
) -> list[DecisionOut]:
    """`known`: by decision, the proposal and the hold that it led to."""
    places = place_names.places(act.session, {row.unit_id for row in rows if row.unit_id})
    people = people_of(act, [one for row in rows for one in (row.decided_by, row.second_by)])
    return [
        _serialize_decision(act, row, known[row.id][0], places.get(row.unit_id or ""), known[row.id][1], people=people)
        for row in rows
    ]


def _serialize_decision(
    act: Act, made: Decision, proposed: Proposal, place: str | None, hold: str | None, *, people: People
) -> DecisionOut:
    broken, review_on = proposal_presentation.visible_breach(act, proposed, made)
    return DecisionOut(
        proposal=proposed.id,
        registration=proposed.registration_id,
        unit=made.unit_id,
        place=place,
        broken=broken,
        review_on=review_on,
        displaced=len(made.displaces),
        hold=hold,
        client_says=made.client_says if is_readable(made.client_says) else None,
        people={one: people[one] for one in (made.decided_by, made.second_by) if one in people},
        **made.model_dump(
            include={
                "id",
                "kind",
                "status",
                "reason",
                "loss",
                "decided_at",
                "decided_by",
                "second_by",
            }
        ),
    )
