"""Proposals: possible places for a client, with reasons and alternatives."""

from dataclasses import dataclass
from datetime import date, datetime

from litestar import Response
from litestar.params import FromPath
from pydantic import Field

from api.http import methods
from api.http.connections import ActorRequest
from api.http.context import Acts, Output, RequestActs
from api.http.operations import get
from api.http.work_kinds import Work
from api.v1.ways_out import RoomUseOut, WayOutOut
from matching import Advice
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.placements import reads
from placement.placements.proposals import presentation, proposals
from placement.placements.proposals.close_alternatives import NearTie, terms_in_words
from placement.placements.proposals.presentation import ProposalWords
from placement.solver.engine_process import Solver
from placement.tables import Proposal
from placement.text.messages import Language


class TermOut(Output):
    term: str
    points: int
    words: str


class WhyOut(Output):
    """A reason for or against a place, with its facts."""

    code: str
    facts: dict[str, object]
    words: str


class CostOut(Output):
    """The cost of a place: the points that all clients together lose, and the cases that lose a place. `others`: how
    many of these cases you may not see.
    """

    points: int | None
    registrations: list[str]
    others: int


class BrokenOut(Output):
    rule: str = Field(
        description="A rule of the engine; or, as the first, never_reported: nobody knows which beds of the unit are "
        "free, and a first count could open it."
    )
    facts: dict[str, object]
    words: str


class ChangeOut(Output):
    """The smallest change with which this unit would fit the client, and who must agree to it."""

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
    open_until: date | None = Field(description="The last day of the place; null if it has no such day.")
    runs_past: bool = Field(description="true: a stay until its limit would end after that day.")
    kind: str = Field(
        description="chosen, alternative, given_to_another (others need it more), nearly (one small change opens it), "
        "not_eligible"
    )
    why: list[WhyOut] = Field(description="Why the unit suits: facts of the problem, without rules that it breaks.")
    not_first: WhyOut | None = Field(description="Why an alternative is not the first choice, if known.")
    rooms: list[RoomUseOut]
    points: list[TermOut]
    total: int | None
    cost: CostOut
    broken: list[BrokenOut]
    change: ChangeOut | None
    can_be_chosen: bool = Field(description="true: there is a bed; every other rule can be overridden.")
    must_agree: list[str] = Field(
        description="Who must agree if you choose the unit: second_person, desk, shelter_count (its count is stale), "
        "shelter"
    )
    review_needed: bool = Field(description="true: a safety rule breaks, so `review_on` is required.")


class SideOut(Output):
    """A household in a near tie."""

    registration: str = Field(description="… if you may not see the household; the comparison is then left out.")
    better: list[str] = Field(
        description="The terms by which the household fits the place better than the other household. If both get a "
        "place: by which its own place fits it better than the other place."
    )
    better_there: list[str] = Field(
        description="If both get a place: the terms by which the other place fits it better."
    )
    elsewhere: int | None = Field(description="The number of other units that no rule forbids, free or not.")


class NearTieOut(Output):
    """Two equally urgent households with nearly equal points for the same place. A person decides between them."""

    unit: str
    client: SideOut
    other: SideOut
    proposed: bool = Field(description="true: the unit is proposed for the client; false: for the other household.")
    difference: int = Field(description="The points by which the proposed choice is ahead; at most PLACEMENT_NEAR_TIE.")
    other_unit: str | None = Field(
        description="The unit that is proposed for the other household, if the two could exchange their places. Null "
        "if only one household gets a place, or if you may not see the other."
    )


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
    service_version: str | None = Field(
        description="The version of the service that made the proposal, with its commit; null if it was made before "
        "version 1.0.0."
    )
    chosen: UnitOut | None
    alternatives: list[UnitOut]
    others: list[UnitOut]
    ways_out: list[WayOutOut] = Field(
        description="First the shelters to call that were never counted (first_count). Then by fewest parties, fewest"
        " changes, least loss. Empty if there are none, or the engine had no time left."
    )
    nobody: str | None = Field(description="The reason why no unit can take the client; null if a unit can.")
    near_tie: NearTieOut | None = Field(description="Set until the proposal is decided and everybody has agreed.")
    one_place: bool = Field(
        description="true: only the chosen unit is shown; others would disclose where a client of another region lives."
    )


@methods.post(
    "/registrations/{registration_id:str}/proposals",
    summary="Make a proposal for a registration",
    permission=Permission.PROPOSAL_MAKE,
    work=Work.ENGINE,
    status_code=201,
)
def make_proposal(acts: RequestActs, request: ActorRequest, registration_id: FromPath[str]) -> Response[ProposalOut]:
    """Compute the best places for all waiting clients together, and return the part about this registration. The answer
    takes at most 5 seconds. 503 if too many requests wait.
    """

    return acts.ask_and_write(
        lambda: ask_proposal(acts, request.app.state.solver, registration_id),
        lambda act, asked: record_proposal(act, asked, acts.language),
    )


@dataclass(frozen=True, slots=True)
class Advised:
    """The engine's answer about a registration. `record_proposal` stores it."""

    prepared: proposals.Prepared
    advice: Advice


def ask_proposal(acts: Acts, solver: Solver, registration_id: str) -> Advised:
    """Asks the engine, outside any transaction. `record_proposal` stores the answer. Raises `Busy`."""
    acts.run(lambda act: proposals.require_possible(act, registration_id))
    taken = acts.world()
    prepared = acts.run(lambda act: proposals.prepare(act, registration_id, taken))
    return Advised(prepared, solver.advise(prepared.problem, registration_id))


def record_proposal(act: Act, asked: Advised, language: Language) -> ProposalOut:
    made = proposals.record(act, asked.prepared, asked.advice)
    return _serialize(made, presentation.serialize(act, made, language), language)


@get("/proposals/{proposal_id:str}", summary="Read a proposal", permission=Permission.PROPOSAL_READ)
def read_proposal(act: Act, proposal_id: FromPath[str], language: Language) -> ProposalOut:
    """Read a proposal as it was made, even if facts have changed since."""
    return _serialize(*reads.proposal(act, proposal_id, language), language)


def _near_tie(found: NearTie, language: Language) -> NearTieOut:
    sides = [
        SideOut(
            registration=side.registration,
            better=terms_in_words(side.better, language),
            better_there=terms_in_words(side.better_there, language),
            elsewhere=side.elsewhere,
        )
        for side in (found.client, found.other)
    ]
    return NearTieOut.of(found, client=sides[0], other=sides[1])


def _serialize(proposal: Proposal, words: ProposalWords, language: Language) -> ProposalOut:
    return ProposalOut.of(
        proposal,
        as_of=date.fromisoformat(words.as_of),
        engine=EngineOut.of(words, version=proposal.engine_version, policy_version=proposal.policy_version),
        chosen=words.chosen,
        alternatives=words.alternatives,
        others=words.others,
        ways_out=words.ways_out,
        nobody=words.nobody,
        near_tie=_near_tie(words.tie, language) if words.tie else None,
        one_place=words.one_place,
    )
