"""Decisions on proposals. The engine proposes a place; only a person's decision places a client.

A person accepts, overrides or declines a proposal. In the schemes COSM and OMM, a decision can need the desk. If it
breaks a hard rule, it needs a second person of the desk. If the shelter's count is stale, it needs a new count. The
beds are kept from the decision on. When no approval is missing, the shelter is asked for these beds.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from matching import Problem
from placement.access import doubt_stop, scoped_queries
from placement.access.case_access import ASKS_THE_DESK
from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.capacity.corrections import ask_to_confirm, shelter_of_unit
from placement.capacity.newest_reports import last_confirmed
from placement.capacity.vacancy import freshness
from placement.core.codes import DecisionKind, DecisionStatus, Freshness, HoldStatus, MessageKind, ProposalStatus
from placement.core.consent_codes import ClientSays
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, PlacementError, existing
from placement.core.ids import new_id
from placement.core.reason_codes import Step
from placement.core.second_person_codes import SecondPersonStatus
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.reasons import reason_for
from placement.duty import mandates
from placement.duty.on_call import desk_answers_until
from placement.lifecycles.machine import begin, carry_out, require
from placement.lifecycles.moves import DecisionMove, HoldMove, ProposalMove
from placement.outbox.announcements import announce_closing, announce_count, announce_decision, announce_turn
from placement.placements.decisions import override_requests, provisional_review
from placement.placements.decisions.desk_confirmation import desk_is_asked, mandate_for
from placement.placements.decisions.present_problem import (
    SAFETY_RULES,
    CheckedProblem,
    breaks_safety,
    broken_rules,
    problem_as_kept,
    problem_with,
)
from placement.placements.holds import holds
from placement.placements.holds.handover_notes import HandoverNotes
from placement.placements.moves.room_choice import chosen_rooms
from placement.placements.proposals.frozen_problems import problem_of
from placement.placements.proposals.proposals import advice_of, require_open
from placement.placements.stays.late_entries import as_of
from placement.placements.stays.place_fit import places_of
from placement.registrations import inference_guard
from placement.registrations.registrations import touch
from placement.second_person import requests
from placement.second_person.kinds import Answer
from placement.second_person.persons import require_another
from placement.storage import outage
from placement.storage.bed_claims import STANDING, claiming_in_shelter
from placement.storage.locks import lock_registrations, lock_shelter_of_unit
from placement.tables import Decision, Hold, Proposal, Registration, SecondPersonRequest, Unit


@needs(Permission.PROPOSAL_DECIDE)
def decide(
    act: Act,
    proposal_id: str,
    kind: DecisionKind,
    *,
    unit_id: str | None = None,
    reason: str | None = None,
    text: str | None = None,
    review_on: date | None = None,
    client_says: ClientSays | None = None,
    told: HandoverNotes | None = None,
    happened_at: datetime | None = None,
    today: CheckedProblem | None = None,
) -> Decision:
    """Stores the decision and keeps the beds. If no approval is needed first, asks the shelter for these beds.

    `client_says`: the client's own answer to the place; it never lowers the priority. `told`: the notes for the shelter
    and the driver. `happened_at`: the time of a decision by telephone that is entered later. `today`: today's problem
    with its checked places, given only if one transaction decides on several registrations.

    Raises `Conflict` if another act came first or the facts have changed. Raises `Invalid` if a reason, unit or review
    date is missing or wrong, or if the client refused and no text explains the decision. Raises `NotAllowed` if a
    safety rule breaks and the actor has not repeated the second factor within the last minutes.
    """
    act = as_of(act, happened_at)
    # One transaction at a time decides for a shelter: beds, high care and keep-apart are checked together.
    lock_shelter_of_unit(
        act.session, unit_id or scoped_queries.proposal_of(act.session, act.actor, proposal_id).unit_id
    )
    proposal, registration = _open_proposal(act, proposal_id)
    if client_says is ClientSays.NO and not (text or "").strip():
        raise Invalid.at("text", "client_says_no")
    decision = Decision(
        id=new_id("D"),
        proposal_id=proposal.id,
        registration_id=registration.id,
        kind=kind,
        text=text,
        client_says=client_says and client_says.value,
        decided_at=act.at,
        decided_by=act.actor.id,
        browser=act.actor.browser,
    )
    if kind is DecisionKind.DECLINE:
        return _decline(act, decision, proposal, registration, reason)
    _require_choice(act, kind, proposal)
    problem = problem_with(act, registration, today)
    decision.unit_id = _chosen_unit(proposal, kind, unit_id)
    if any(place.is_lived_in and place.unit_id == decision.unit_id for place in places_of(act, registration)):
        raise Invalid.at("unit", "unit_lived_in", found=decision.unit_id)
    decision.reason = reason_for(act, Step.OVERRIDE, reason, text).code if kind is DecisionKind.OVERRIDE else None
    decision.broken = broken_rules(problem, registration.id, decision.unit_id, today)
    if kind is DecisionKind.ACCEPT and decision.broken:
        raise Conflict("situation_changed", rules=decision.broken)
    decision.review_on = _review_date(act, decision.broken, review_on)
    _require_fresh_factor(act, decision.broken)
    shown = next(unit for unit in advice_of(proposal).units if unit.unit == decision.unit_id)
    decision.loss, decision.displaces = shown.loss, list(shown.displaces)
    carry_out(act, proposal, ProposalMove.ACCEPT if kind is DecisionKind.ACCEPT else ProposalMove.OVERRIDE)
    what = {"kind": kind.value, "reason": decision.reason, "broken": decision.broken, "loss": decision.loss}
    begin(act, decision, _first_move(act, decision, proposal), registration=registration.id, **what)
    act.session.add(decision)
    act.session.flush()
    rooms, whole = chosen_rooms(act, decision, proposal, problem, today)
    held = holds.hold(act, decision, registration, rooms, whole=whole, told=told)
    if decision.status is DecisionStatus.WAITING_FOR_SECOND:
        requests.ask(act, OVERRIDE, {}, about=decision.id, registration=registration.id)
    if decision.status in ASKS_THE_DESK:
        _ask_desk(act, decision, held)
    else:
        _ask_shelter(act, decision, held)
    return decision


@needs(Permission.DECISION_CONFIRM)
def answer_decision(act: Act, decision_id: str, *, granted: bool, text: str | None = None) -> Decision:
    """Approves or refuses a decision that waits for the desk. The person who decided cannot answer, and nobody can
    answer in the browser in which it was made. Approving a broken safety rule needs the second factor again.

    `text`: the reason of a refusal; required if a decision that was carried out under a mandate is sent back. Raises
    `Invalid` for an approval with a text.
    """
    if granted and (text or "").strip():
        raise Invalid.at("text", "why_not_though_granted")
    lock_shelter_of_unit(act.session, scoped_queries.decision_of(act.session, act.actor, decision_id).unit_id)
    decision = scoped_queries.decision_of(act.session, act.actor, decision_id, lock=True)
    if decision.status is DecisionStatus.PROVISIONAL:
        provisional_review.answer(act, decision, granted=granted, text=text)
        return decision
    require(decision, DecisionMove.AGREE)
    held = _kept_in_time(act, decision)
    if decision.status is DecisionStatus.WAITING_FOR_SECOND:
        kinds, request_id = {OVERRIDE.code: OVERRIDE}, existing(decision.request).id
        if granted:
            requests.grant(act, kinds, request_id, Answer())
        else:
            requests.refuse(act, kinds, request_id, text)
        return decision
    require_another(act, decision.decided_by, decision)
    decision.second_at, decision.second_by = act.at, act.actor.id
    if granted:
        _agree(act, decision, held)
    else:
        decision.second_text = text
        _drop(act, decision, held, DecisionMove.REFUSE)
    return decision


def _kept_in_time(act: Act, decision: Decision) -> Hold:
    """Returns the hold of a waiting decision. Raises `Conflict` if the hold expired, except just after an outage."""
    doubt_stop.require_for(act, decision.registration_id)
    held = holds.kept_for(act, decision.id)
    if held.expires_at <= act.at and not outage.is_just_back(act.session, act.at):
        raise Conflict("decision_not_waiting", status=DecisionStatus.LAPSED.value)
    return held


def _agree(act: Act, decision: Decision, held: Hold) -> None:
    """Carries out an approved decision with beds that fit today's facts. Asks for a new count if a count is stale."""
    _require_fresh_factor(act, decision.broken)
    problem = problem_as_kept(act, decision, held)
    stale = _is_stale(act, shelter_of_unit(act, held.unit_id).id)
    carry_out(act, decision, DecisionMove.AGREE_AND_ASK_COUNT if stale else DecisionMove.AGREE)
    announce_turn(act, decision)
    _hold_as_things_are(act, decision, held, problem)


def _granted(act: Act, request: SecondPersonRequest, _: Answer) -> None:
    decision = override_requests.decision_of(act, request)
    _agree(act, decision, _kept_in_time(act, decision))


def _ended(act: Act, request: SecondPersonRequest) -> None:
    """Releases the beds of a decision whose request for a second person was refused or withdrawn."""
    decision = override_requests.decision_of(act, request)
    if request.status is SecondPersonStatus.REFUSED:
        _drop(act, decision, _kept_in_time(act, decision), DecisionMove.REFUSE)
        return
    holds.let_go(act, holds.kept_for(act, decision.id), _WITHDRAWN)
    holds.reopen(act, act.session.get_one(Registration, decision.registration_id), why=_WITHDRAWN)


def _needs_factor(act: Act, request: SecondPersonRequest) -> bool:
    """Checks whether answering the request needs the second factor, because a safety rule breaks."""
    decision, answers = override_requests.decision_of(act, request), Permission.DECISION_CONFIRM.is_of(act.actor)
    return answers and is_readable(decision.broken) and breaks_safety(decision.broken)


_WITHDRAWN = "decision_withdrawn"
OVERRIDE = replace(override_requests.ASKED, carry_out=_granted, ended=_ended, needs_factor=_needs_factor)


def carry_out_waiting(act: Act, shelter_id: str) -> None:
    """Carries out the decisions that waited for this shelter's count, oldest first, and asks the shelter for the kept
    beds. The caller has locked the shelter. While a room still has a stale count, all these decisions wait. A decision
    that can no longer be carried out lapses, and its registration waits again.
    """
    act, waits = act.by_the_system(), Decision.status == DecisionStatus.WAITING_FOR_SHELTER
    if act.session.exec(select(Decision.id).where(waits).limit(1)).first() is None or _is_stale(act, shelter_id):
        return
    here = claiming_in_shelter(act.session, shelter_id, *STANDING)
    kept = col(Hold.id).in_(here.holds), Hold.status == HoldStatus.RESERVED
    waiting = select(Decision).where(waits, col(Decision.id).in_(select(Hold.decision_id).where(*kept)))
    lock_registrations(act.session, [decision.registration_id for decision in act.session.exec(waiting)])
    still = waiting.order_by(col(Decision.decided_at), Decision.id).execution_options(populate_existing=True)
    for decision in act.session.exec(still).all():
        held = holds.kept_for(act, decision.id)
        try:
            with act.session.begin_nested():
                problem = problem_as_kept(act, decision, held)
                carry_out(act, decision, move := _after_count(act, decision))
                announce_turn(act, decision)
                if move is DecisionMove.ASK_DESK_AFTER_COUNT:
                    _ask_desk(act, decision, held)
                    continue
                _hold_as_things_are(act, decision, held, problem)
        except PlacementError:
            _drop(act, decision, held, DecisionMove.LAPSE)


def expire_waiting(act: Act) -> int:
    """Ends decisions that were not approved in time; returns how many. A second run changes nothing."""
    act = act.by_the_system()
    for held in (due := holds.run_out(act, HoldStatus.RESERVED)):
        _drop(act, act.session.get_one(Decision, held.decision_id), held, DecisionMove.LAPSE)
    return len(due)


def _open_proposal(act: Act, proposal_id: str) -> tuple[Proposal, Registration]:
    """Returns the proposal and its registration, both locked. Raises an error if no decision is possible now."""
    proposal = scoped_queries.proposal_of(act.session, act.actor, proposal_id, lock=True)
    if proposal.status is ProposalStatus.MADE and proposal.expires_at <= act.at:
        raise Conflict("proposal_not_open", status=ProposalStatus.EXPIRED.value)
    require(proposal, ProposalMove.ACCEPT)
    return proposal, _still_open(act, proposal)


def _still_open(act: Act, proposal: Proposal) -> Registration:
    registration = act.session.get_one(Registration, proposal.registration_id)
    require_open(act, registration)
    if registration.version != proposal.registration_version:
        raise Conflict("registration_changed")
    return registration


def _decline(
    act: Act, decision: Decision, proposal: Proposal, registration: Registration, reason: str | None
) -> Decision:
    coded = reason_for(act, Step.DECLINE, reason, decision.text)
    decision.reason, decision.unit_id = coded.code, proposal.unit_id
    carry_out(act, proposal, ProposalMove.DECLINE)
    what = {"kind": DecisionKind.DECLINE.value, "reason": coded.code}
    begin(act, decision, DecisionMove.DECIDE, registration=registration.id, **what)
    act.session.add(decision)
    holds.take_case_effect(act, registration, proposal.unit_id, coded)
    if registration.closed_on is not None:
        announce_closing(act, registration)
    if registration.status.is_sought_for:
        touch(registration)
    return decision


def _require_choice(act: Act, kind: DecisionKind, proposal: Proposal) -> None:
    """Raises `NotAllowed` if only the desk may choose a unit; `Conflict` for an override if only one unit was shown."""
    inference_guard.require_place_not_found_by_desk(act, proposal.registration_id)
    if kind is DecisionKind.OVERRIDE and inference_guard.shows_unseen(act, problem_of(act.session, proposal)):
        raise Conflict("one_place_shown")


def _chosen_unit(proposal: Proposal, kind: DecisionKind, unit_id: str | None) -> str:
    if kind is DecisionKind.ACCEPT:
        if proposal.unit_id is None:
            raise Conflict("nothing_proposed")
        if unit_id not in {None, proposal.unit_id}:
            raise Invalid.at("unit", "unit_not_proposed", proposed=proposal.unit_id)
        return str(proposal.unit_id)
    if unit_id is None:
        raise Invalid.at("unit", "missing")
    if unit_id not in {unit.unit for unit in advice_of(proposal).units}:
        raise Invalid.at("unit", "unit_unknown", found=unit_id)
    if unit_id == proposal.unit_id:
        raise Invalid.at("unit", "unit_is_proposed", found=unit_id)
    return unit_id


def _review_date(act: Act, broken: list[str], review_on: date | None) -> date | None:
    """Returns the review day. If no day is given, returns the default review day if a rule breaks, otherwise `None`.
    Raises `Invalid` if a safety rule breaks and no day is given, or a rule breaks and the day is not after today.
    """
    if review_on is None and (unsafe := sorted(SAFETY_RULES.intersection(broken))):
        raise Invalid.at("review_on", "review_missing", rules=unsafe)
    if review_on is None:
        return look_again_on(act, act.day) if broken else None
    if broken and review_on <= act.day:
        raise Invalid.at("review_on", "day_passed", found=review_on.isoformat())
    return review_on


def look_again_on(act: Act, decided_on: date) -> date:
    """Returns the default review day of a decision that broke a rule."""
    return decided_on + timedelta(days=act.settings.look_again_days)


def _require_fresh_factor(act: Act, broken: list[str]) -> None:
    """Raises `NotAllowed` if a safety rule breaks and the second factor was not given again just now."""
    if breaks_safety(broken):
        require_fresh(act)


def _first_move(act: Act, decision: Decision, proposal: Proposal) -> DecisionMove:
    if decision.broken:
        return DecisionMove.ASK_SECOND
    unit = act.session.get_one(Unit, decision.unit_id)
    as_proposed = decision.kind is DecisionKind.ACCEPT
    if desk_is_asked(act, proposal, unit, as_proposed=as_proposed):
        mandate = mandate_for(act, proposal, unit, as_proposed=as_proposed, lock=True)
        if mandate is None:
            return DecisionMove.ASK_DESK
        decision.mandate_id = mandate.id
    if _is_stale(act, shelter_of_unit(act, unit.id).id):
        return DecisionMove.ASK_COUNT
    return DecisionMove.DECIDE if decision.mandate_id is None else DecisionMove.PROVISION


def _hold_as_things_are(act: Act, decision: Decision, held: Hold, problem: Problem) -> None:
    """Chooses the beds again by today's facts, and asks the shelter for them. Called when all approvals exist."""
    rooms, whole = chosen_rooms(act, decision, act.session.get_one(Proposal, decision.proposal_id), problem)
    holds.hold_anew(act, held, rooms, whole=whole)
    _ask_shelter(act, decision, held)


def _after_count(act: Act, decision: Decision) -> DecisionMove:
    """Returns the change of state after a confirmed count. If the decision's mandate has ended, the desk is asked."""
    if decision.mandate_id is None:
        return DecisionMove.CONFIRM_COUNT
    mandate = mandates.standing(act, act.session.get_one(Unit, decision.unit_id).scheme, decision.decided_by, lock=True)
    decision.mandate_id = None if mandate is None else mandate.id
    return DecisionMove.ASK_DESK_AFTER_COUNT if mandate is None else DecisionMove.PROVISION_AFTER_COUNT


def _ask_desk(act: Act, decision: Decision, held: Hold) -> None:
    """Keeps the beds until the deadline of the desk, or of a second person of the desk, and notifies them."""
    held.expires_at = desk_answers_until(act, decision.decided_by)
    registration = act.session.get_one(Registration, held.registration_id)
    announce_decision(act, MessageKind.DECISION_WAITS, decision, registration, held.expires_at)


def _ask_shelter(act: Act, decision: Decision, held: Hold) -> None:
    """Asks the shelter for the kept beds. If the decision waits for a count, asks only to confirm the last count."""
    if decision.status is not DecisionStatus.WAITING_FOR_SHELTER:
        holds.ask(act, held)
        if decision.status is DecisionStatus.PROVISIONAL:
            mandates.write_use(act, decision)
        return
    held.expires_at = act.at + act.settings.hold_lifetime
    ask_to_confirm(act, shelter_of_unit(act, held.unit_id))
    announce_count(act, decision, held)


def _is_stale(act: Act, shelter_id: str) -> bool:
    confirmed = last_confirmed(act.session).get(shelter_id)
    age = freshness(confirmed, act.at, act.settings.fresh_within, act.settings.stale_after)
    return age in {Freshness.STALE, Freshness.NEVER}


def _drop(act: Act, decision: Decision, held: Hold, move: DecisionMove) -> None:
    """Ends a decision by `move`: it lapsed or was refused. Releases its beds, so that the client waits again."""
    override_requests.end(act, decision, move)
    proposal = act.session.get_one(Proposal, decision.proposal_id)
    with_it, of_hold, kind = (
        (ProposalMove.REFUSE, HoldMove.REFUSE_DECISION, MessageKind.DECISION_REFUSED)
        if move is DecisionMove.REFUSE
        else (ProposalMove.LAPSE, HoldMove.LAPSE, MessageKind.DECISION_LAPSED)
    )
    carry_out(act, proposal, with_it)
    holds.drop(act, held, of_hold, f"decision_{decision.status.value}")
    announce_decision(act, kind, decision, act.session.get_one(Registration, held.registration_id), None)
