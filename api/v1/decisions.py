"""Decisions on proposals, and the desk's answers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import HAPPENED, Code, Day, Moment
from api.http.operations import get, post
from api.http.paging import Limit, Offset, OfProposal, Reference
from api.v1.decision_notes import ToldIn
from api.v1.mandates import MandateOut, serialize_mandate
from api.v1.people import People, people_of
from placement.access import case_access, scoped_queries
from placement.access.permissions import Permission
from placement.capacity import place_names
from placement.core.codes import DecisionKind, DecisionStatus
from placement.core.consent_codes import ClientSays
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.duty import mandates
from placement.placements import reads
from placement.placements.decisions import decisions, override_review, provisional_review
from placement.placements.decisions.answer_terms import answer_until
from placement.placements.decisions.provisional_review import SendingBack
from placement.placements.proposals import presentation
from placement.tables import Decision, Mandate, Proposal, Registration
from placement.tasks.task_views import record_look_at_decision


class DecisionIn(ToldIn, Input):
    decision: DecisionKind
    unit: Code | None = Field(None, description="For override: the unit that you choose.")
    reason: Code | None = Field(None, description="A coded reason; see /api/v1/vocabulary. For override and decline.")
    text: str | None = Field(None, max_length=2000)
    happened_at: Moment | None = Field(None, description=HAPPENED)
    review_on: Day | None = Field(
        None,
        description="The review day of a place that breaks a rule. Required if the rule is about safety; otherwise "
        "the default is PLACEMENT_LOOK_AGAIN_DAYS later.",
    )


class ConfirmationIn(Input):
    granted: bool
    text: str | None = Field(
        None, max_length=2000, description="The reason of a refusal; required if the decision is provisional."
    )


class LookIn(Input):
    again_on: Day | None = Field(
        None, description="The next review day; required while the place breaks a safety rule."
    )


_NOT_TOLD = "null in a list, and where the desk opens the case only with a reason"


class DecisionOut(Output):
    id: str
    proposal: str
    registration: str
    kind: str
    status: str = Field(
        description="final, waiting_for_desk (COSM, OMM), waiting_for_second (a hard rule is broken), "
        "waiting_for_shelter (its count is stale), provisional (carried out under a mandate, the desk answers "
        "afterwards), refused, lapsed (nobody agreed in time, or it could not be carried out), withdrawn"
    )
    unit: str | None
    place: str | None = Field(description="The unit and its shelter, by name.")
    reason: str | None
    text: str | None = Field(description=f"The words of the person who decided; {_NOT_TOLD}.")
    broken: list[str]
    loss: int | None = Field(description="The points that all clients together lose by this, as the proposal showed.")
    displaced: int = Field(description="The number of clients who would lose a place by it, as the proposal showed.")
    review_on: date | None
    client_says: ClientSays | None = Field(description=f"The client's own answer to the place; {_NOT_TOLD}.")
    decided_at: datetime
    decided_by: str
    second_by: str | None
    second_text: str | None = Field(description=f"Why it was refused, or sent back; {_NOT_TOLD}.")
    mandate: MandateOut | None = Field(
        description="The standing mandate under which it was carried out before the desk agreed, as long as it is kept."
    )
    sending_back: SendingBack | None = Field(
        description="The consequence if the desk sends a provisional decision back: gives_back (the beds), "
        "seeks_another (the client stays there while another place is sought), nothing."
    )
    people: People = Field(
        description="The persons behind the accounts in `decided_by`, `second_by`, `looked_by` and `mandate`."
    )
    answer_until: datetime | None = Field(
        description="The deadline for the desk or a second person. Without an answer the decision lapses, unless it "
        "is provisional. null in a list, and if nobody is asked."
    )
    hold: str | None
    looked_at: datetime | None = Field(description="The time of the last review; `review_on` is the next review day.")
    looked_by: str | None


class DecisionPage(Output):
    items: list[DecisionOut]
    total: int


@post(
    "/proposals/{proposal_id:str}/decision",
    summary="Decide on a proposal",
    permission=Permission.PROPOSAL_DECIDE,
    status_code=201,
)
def decide_on_proposal(act: Act, proposal_id: FromPath[str], data: JSONBody[DecisionIn]) -> DecisionOut:
    """Accept, override or decline a proposal. In the answer, `status` shows whether the decision still needs an
    approval, and `hold` is the new hold.
    """
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
        happened_at=data.happened_at,
    )
    return _decision(act, made)


@get("/decisions", summary="List decisions", permission=Permission.DECISION_READ)
def list_decisions(  # noqa: PLR0917  (each is a filter)
    act: Act,
    status: FromQuery[DecisionStatus | None] = None,
    registration: Reference = None,
    limit: Limit = 50,
    offset: Offset = 0,
    proposal: OfProposal = None,
) -> DecisionPage:
    """List decisions, including those that wait for an approval; newest first."""
    rows, known, total = reads.decisions(act, status, limit, offset, proposal_id=proposal, registration_id=registration)
    return DecisionPage(items=_decisions(act, rows, known), total=total)


@get("/decisions/{decision_id:str}", summary="Read a decision", permission=Permission.DECISION_READ)
def read_decision(act: Act, decision_id: FromPath[str]) -> DecisionOut:
    """Read a decision, and what it still waits for."""
    found = reads.decision(act, decision_id)
    record_look_at_decision(act, found)
    return _decision(act, found)


@post(
    "/decisions/{decision_id:str}/confirmation",
    summary="Answer a decision",
    permission=Permission.DECISION_CONFIRM,
)
def confirm_decision(act: Act, decision_id: FromPath[str], data: JSONBody[ConfirmationIn]) -> DecisionOut:
    """Give the desk's answer to a decision: agree to or refuse a decision that waits; confirm or send back a
    provisional decision. The person who made the decision cannot answer it.
    """
    return _decision(act, decisions.answer_decision(act, decision_id, granted=data.granted, text=data.text))


@post("/decisions/{decision_id:str}/look", summary="Review a decision", permission=Permission.DECISION_CONFIRM)
def look_at_decision(act: Act, decision_id: FromPath[str], data: JSONBody[LookIn]) -> DecisionOut:
    """Record the desk's review of a decision that broke a rule. The task returns on the day `again_on`."""
    return _decision(act, override_review.look_at(act, decision_id, data.again_on))


def _decision(act: Act, made: Decision) -> DecisionOut:
    known = scoped_queries.decided_on(act.session, [made.id])
    case = act.session.get_one(Registration, known[made.id][0].registration_id)
    is_open = not case_access.is_closed_to(act.session, act.actor, case)
    [shown] = _decisions(act, [made], known, said=_SAID if is_open else ())
    return shown.model_copy(update={"answer_until": answer_until(act, made)})


_SAID = ("text", "second_text", "client_says")
"""Notes that are shown only with a single decision, and only to readers who may open the case."""


def _decisions(
    act: Act,
    rows: Sequence[Decision],
    known: Mapping[str, tuple[Proposal, str | None]],
    *,
    said: Sequence[str] = (),
) -> list[DecisionOut]:
    """Converts decisions to output. `known`: proposal and hold of each decision. `said`: which notes are shown."""
    places = place_names.places(act.session, {row.unit_id for row in rows if row.unit_id})
    given = mandates.named(act, {row.mandate_id for row in rows if row.mandate_id})
    people = people_of(act, {one for row in rows for one in _accounts(row, given)})
    return [
        _serialize_decision(
            act, row, *known[row.id], places.get(row.unit_id or ""), people=people, given=given, said=said
        )
        for row in rows
    ]


def _accounts(row: Decision, given: Mapping[str, Mandate]) -> set[str]:
    mandate = given.get(row.mandate_id or "")
    named = row.decided_by, row.answer.by, row.looked_by, mandate and mandate.given_by
    return {one for one in named if isinstance(one, str)}


def _serialize_decision(
    act: Act,
    made: Decision,
    proposed: Proposal,
    hold: str | None,
    place: str | None,
    *,
    people: People,
    given: Mapping[str, Mandate],
    said: Sequence[str],
) -> DecisionOut:
    broken, review_on = presentation.visible_breach(act, proposed, made)
    mandate = given.get(made.mandate_id or "")
    is_provisional = made.status is DecisionStatus.PROVISIONAL
    words = dict(zip(_SAID, (made.text, made.answer.text, made.client_says), strict=True))
    return DecisionOut.of(
        made,
        proposal=proposed.id,
        registration=proposed.registration_id,
        place=place,
        broken=broken,
        review_on=review_on,
        displaced=len(made.displaces),
        answer_until=None,
        hold=hold,
        second_by=made.answer.by,
        **{name: value if name in said and is_readable(value) else None for name, value in words.items()},
        mandate=None if mandate is None else serialize_mandate(act, mandate),
        sending_back=provisional_review.sending_back(act, made) if is_provisional else None,
        people={one: people[one] for one in _accounts(made, given) if one in people},
    )
