"""The review of placements under a standing mandate: the desk confirms a placement, or sends it back."""

from enum import StrEnum

from sqlmodel import select

from placement.access import doubt_stop
from placement.core.codes import HoldStatus, MessageKind, RegistrationStatus, StayStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.request_codes import RequestGround, RequestKind
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import DecisionMove, ProposalMove
from placement.outbox.announcements import announce_decision, announce_hold, announce_turn
from placement.placements.holds import holds
from placement.registrations import requests
from placement.registrations.requests import Asked
from placement.second_person.persons import require_another
from placement.tables import Decision, Hold, Proposal, Registration, Stay

SENT_BACK = "decision_refused"
"""The end reason of a hold whose decision the desk sent back."""


class SendingBack(StrEnum):
    """The effect on the place if the desk sends back a decision that was already carried out."""

    GIVES_BACK = "gives_back"  # the beds are released, and a place is sought again
    SEEKS_ANOTHER = "seeks_another"  # the client lives there and stays, and another place is sought
    NOTHING = "nothing"  # the client has left, or another place is already sought


def sending_back(act: Act, decision: Decision) -> SendingBack:
    held, stay = _place_of(act, decision)
    if held.status is HoldStatus.WAITING_FOR_SHELTER or (stay is not None and stay.status is StayStatus.PLANNED):
        return SendingBack.GIVES_BACK
    registration = act.session.get_one(Registration, decision.registration_id)
    lives_there = stay is not None and stay.status is StayStatus.IN_HOUSE
    is_settled = lives_there and registration.status is RegistrationStatus.PLACED
    return SendingBack.SEEKS_ANOTHER if is_settled else SendingBack.NOTHING


def answer(act: Act, decision: Decision, *, granted: bool, text: str | None) -> None:
    """Confirms a provisional decision, or sends it back. Raises `Conflict` if the actor made the decision, or if it was
    made in the same browser. Raises `Invalid` if the decision is sent back without a reason.
    """
    doubt_stop.require_for(act, decision.registration_id)
    require_another(act, decision.decided_by, decision)
    decision.second_at, decision.second_by = act.at, act.actor.id
    held, stay = _place_of(act, decision)
    if granted:
        carry_out(act, decision, DecisionMove.AGREE_AFTERWARDS)
        announce_turn(act, decision)
        if is_kept(held, stay):
            announce_hold(act, MessageKind.HOLD_SETTLED, held)
        return
    if not (text or "").strip():
        raise Invalid.at("text", "text_missing", reason=SENT_BACK)
    decision.second_text = text
    follows = sending_back(act, decision)
    registration = act.session.get_one(Registration, decision.registration_id)
    if follows is SendingBack.SEEKS_ANOTHER:  # first, because the desk may change the case only until `SEND_BACK`
        seek_another(act, registration, text)
    carry_out(act, decision, DecisionMove.SEND_BACK, follows=follows.value)
    if follows is SendingBack.GIVES_BACK:
        carry_out(act, act.session.get_one(Proposal, decision.proposal_id), ProposalMove.REFUSE)
        holds.let_go(act, held, SENT_BACK, placers_know=True)
        holds.reopen(act, registration, why=SENT_BACK)
    elif is_kept(held, stay):
        announce_hold(act, MessageKind.HOLD_SETTLED, held)
    if follows is SendingBack.NOTHING:
        announce_turn(act, decision)
    else:
        announce_decision(act, MessageKind.DECISION_REFUSED, decision, registration, None)


def seek_another(act: Act, registration: Registration, text: str | None) -> None:
    """Requests a transfer for a client who lives in a place that the desk sent back. `text`: the desk's reason."""
    wanted = Asked(RequestKind.TRANSFER, Urgency.DAYS, RequestGround.NEED, text=text)
    requests.ask(act, registration.id, registration.version, wanted)


def is_kept(held: Hold, stay: Stay | None) -> bool:
    """Checks whether the shelter has been asked for the beds, or whether the client is expected or lives there."""
    if stay is not None:
        return stay.status is not StayStatus.ENDED
    return held.status is HoldStatus.WAITING_FOR_SHELTER


def _place_of(act: Act, decision: Decision) -> tuple[Hold, Stay | None]:
    held = act.session.exec(select(Hold).where(Hold.decision_id == decision.id)).one()
    return held, act.session.exec(select(Stay).where(Stay.hold_id == held.id)).first()
