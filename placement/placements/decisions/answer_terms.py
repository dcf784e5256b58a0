"""The answers that a placement waits for, and their deadlines."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from placement.access.case_access import ASKS_THE_DESK
from placement.core.codes import DecisionStatus, ProposalStatus
from placement.core.context import Act
from placement.duty.hours import duty_of
from placement.duty.on_call import desk_answers_until, desk_confirms_by
from placement.placements.holds import holds
from placement.tables import Decision, Proposal


def answered_by(act: Act, must_agree: Sequence[str]) -> datetime:
    """Returns the deadline of the first answer that is needed if this actor decides now. `must_agree`: the parties that
    must agree, in order.
    """
    if must_agree[0] in {"second_person", "desk"}:
        return desk_answers_until(act, act.actor.id)
    return act.at + act.settings.hold_lifetime


def answer_until(act: Act, decision: Decision) -> datetime | None:
    """Returns the deadline of the desk's answer; `None` if the desk is not asked. A provisional decision does not lapse
    at this deadline.
    """
    if decision.status is DecisionStatus.PROVISIONAL:
        return desk_confirms_by(duty_of(act.settings), decision.decided_at)
    return holds.kept_for(act, decision.id).expires_at if decision.status in ASKS_THE_DESK else None


def is_decided_on(act: Act, proposal: Proposal) -> bool:
    """Checks whether a person still has to decide: no decision exists, or the decision waits for an approval."""
    if proposal.status is ProposalStatus.MADE:
        return True
    waits = Decision.proposal_id == proposal.id, col(Decision.status).in_(ASKS_THE_DESK)
    return act.session.exec(select(Decision.id).where(*waits)).first() is not None
