"""Late and missed arrivals. A person postpones an arrival, records a no-show, or reverses a no-show. No job does so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlmodel import col, select

from matching import RoomUse
from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.room_state import RoomState
from placement.core.arrival_codes import Rung
from placement.core.clock import AMSTERDAM
from placement.core.codes import MessageKind, RegistrationStatus, StayStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.core.reason_codes import known_reason
from placement.core.request_codes import RequestStatus, WithdrawalReason
from placement.core.whereabouts_codes import Lost
from placement.lifecycles.machine import Move, carry_out, fitting, require
from placement.lifecycles.moves import RegistrationMove, StayMove
from placement.outbox.announcements import announce_hold, announce_stay, who_was_told
from placement.placements.decisions.present_problem import broken_rules
from placement.placements.holds import arrival_details, holds
from placement.placements.holds.reserved_places import KEPT
from placement.placements.moves.room_choice import chosen_rooms
from placement.placements.stays.late_entries import as_of
from placement.placements.stays.stays import NO_SHOW, REVERSIBLE_FOR, confirmed, end_with, missed_at, reversible_until
from placement.registrations.consent_ground import require_ground
from placement.registrations.registrations import supersede_proposals
from placement.registrations.request_rows import reopen_last
from placement.registrations.returns import returned_as
from placement.registrations.searches import searches_since, take_back_searches
from placement.solver.snapshot import snapshot
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import Decision, Hold, Proposal, Registration, Stay

LOST: Mapping[Rung, Lost] = MappingProxyType({Rung.NO_ANSWER: Lost.NO_ANSWER, Rung.NO_NUMBER: Lost.NO_NUMBER})
"""The way in which a client was lost, for each result of a call that reached nobody."""

SUPERSEDED = "superseded"
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class BedsAgain:
    """Beds of the unit that can be kept again. `whole`: true if the household shares these rooms with nobody."""

    rooms: Sequence[tuple[RoomState, RoomUse]]
    whole: bool


@needs(Permission.ARRIVAL_SAY)
def postpone(act: Act, hold_id: str, expected_at: datetime, *, seen: datetime | None = None) -> Hold:
    """Sets a new time of arrival for a client on the way, and notifies everybody else who expects the client. `seen`:
    the expected time that the actor's page showed. Raises `Conflict` if the expected time has changed since.
    """
    held, _ = _awaited(act, hold_id, seen)
    said = arrival_details.agreed_of(held)
    arrival_details.require_time(act, held, expected_at)
    arrival_details.keep(held, arrival_details.ArrivalDetails(expected_at, said.driver, said.road_telephone))
    what = {"subject": held.id, "expected": expected_at.isoformat()}
    audit_log.write(act, Event.ARRIVAL_POSTPONED, registration=held.registration_id, **what)
    announce_hold(act, MessageKind.ARRIVAL_POSTPONED, held)
    return held


@needs(Permission.ARRIVAL_SAY)
def no_show(
    act: Act,
    hold_id: str,
    rung: Rung | None,
    happened_at: datetime | None = None,
    *,
    seen: datetime | None = None,
    wants_place: bool | None = None,
) -> Hold:
    """Records that the client did not arrive, with the result of the call (`rung`), and releases the beds.

    A client who was not reached becomes missing. If the client was reached, `wants_place` decides whether a new search
    begins (true) or the case ends (false). A client who was moving stays in the old place. Before the expected time,
    only a client who was reached can be a no-show.

    `happened_at`: the real time of a late entry. `seen`: as in `postpone`.
    """
    held, stay = _awaited(act, hold_id, seen)
    act = as_of(act, happened_at, held.answered_at)
    if rung is None:
        raise Invalid.at("rung", "rung_missing", allowed=[one.value for one in Rung])
    if (wants_place is None) is (rung is Rung.NOT_COMING):
        raise Invalid.at("wants_place", "wants_place_missing" if wants_place is None else "wants_place_not_known")
    expected = arrival_details.agreed_of(held).expected_at
    if rung is not Rung.NOT_COMING and expected is not None and act.when < expected:
        raise Conflict("not_expected_yet", at=f"{expected.astimezone(AMSTERDAM):%d-%m %H:%M}")
    stay.missed = {"at": act.at.isoformat(), "rung": rung.value, "wants_place": wants_place}
    end_with(act, stay, known_reason(NO_SHOW), lost=LOST.get(rung), wants_place=bool(wants_place), rung=rung.value)
    return held


@needs(Permission.ARRIVAL_SAY)
def reverse_no_show(act: Act, hold_id: str) -> Hold:
    """Reverses a no-show: keeps a bed again, withdraws the search that followed, and notifies everybody who was
    informed of the no-show. Raises `Conflict` after half an hour, if no bed is left, or if another place was confirmed.
    Also raises it if the place breaks a rule that it did not break at the decision.
    """
    lock_shelter_of_unit(act.session, scoped_queries.hold_of(act.session, act.actor, hold_id).unit_id)
    held = scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)
    stay = act.session.exec(select(Stay).where(Stay.hold_id == held.id)).first()
    said_at = None if stay is None else missed_at(stay)
    if stay is None or said_at is None:
        raise Conflict("no_show_not_said")
    if reversible_until(act, stay) is None:
        raise Conflict(
            "no_show_is_final", at=f"{said_at.astimezone(AMSTERDAM):%d-%m %H:%M}", minutes=REVERSIBLE_FOR.seconds // 60
        )
    registration = act.session.get_one(Registration, held.registration_id)
    told = who_was_told(act.session, MessageKind.NO_SHOW, stay.id, said_at)
    told |= who_was_told(act.session, MessageKind.CLIENT_MISSING, stay.id, said_at)
    told |= who_was_told(act.session, MessageKind.CASE_CLOSED, registration.id, said_at)
    withdraw_search(act, registration)
    carry_out(act, registration, _expected_as_before(act, registration, stay, said_at))
    act.session.flush()
    expect_again(act, held, stay, rooms_again(act, held, registration))
    announce_stay(act, MessageKind.NO_SHOW_REVERSED, stay, also=told)
    return held


def _expected_as_before(act: Act, registration: Registration, stay: Stay, said_at: datetime) -> Move:
    """Undoes the consequences of the no-show. Returns the move that restores the earlier state of the case. Raises
    `Conflict` if the case was changed otherwise since the no-show.
    """
    last = registration.requests[-1] if registration.requests else None
    if registration.status is RegistrationStatus.MISSING:
        if any(one.stay != stay.id for one in searches_since(registration, said_at)):
            raise gone_on(act, "case_gone_on", status=registration.status.value)
        return expected_when_missing(act, registration, said_at)
    gave_up = stay.missed is not None and stay.missed.get("wants_place") is False
    if gave_up and registration.status is RegistrationStatus.PLACED:
        was_given_up = last is not None and last.outcome is RequestStatus.WITHDRAWN
        if last is None or not was_given_up or last.reason is not WithdrawalReason.GIVEN_UP:
            raise gone_on(act, "case_gone_on", status=registration.status.value)
        reopen_last(registration)
        return RegistrationMove.EXPECT_MISSED_MOVE
    if registration.status is RegistrationStatus.CLOSED and registration.closed_reason == NO_SHOW:
        if returned_as(act, registration.id, select(Registration)):
            raise gone_on(act, "case_gone_on", status=registration.status.value)
        registration.closed_reason = registration.closed_on = registration.closing = None
        if last is not None and last.outcome is RequestStatus.CLOSED:
            reopen_last(registration)
        return RegistrationMove.EXPECT_MISSED
    return fitting(registration, RegistrationMove.HOLD, RegistrationMove.HOLD_MOVE)


def expected_when_missing(act: Act, registration: Registration, said_at: datetime) -> RegistrationMove:
    """Ends the search for a missing client who is expected after all, and reopens the client's request. Returns the
    move that restores the state of the case. `said_at`: the time at which the no-show was recorded.
    """
    take_back_searches(act, registration, said_at)
    if registration.requests and registration.requests[-1].outcome in {RequestStatus.CLOSED, RequestStatus.WITHDRAWN}:
        reopen_last(registration)
    lives = select(Stay.id).where(Stay.registration_id == registration.id, Stay.status == StayStatus.IN_HOUSE)
    is_moving = act.session.exec(lives).first() is not None
    return RegistrationMove.EXPECT_MISSED_MOVE if is_moving else RegistrationMove.EXPECT_MISSED


def expect_again(act: Act, held: Hold, stay: Stay, beds: BedsAgain) -> None:
    """Keeps these beds and plans the stay again, as before the no-show."""
    holds.hold_anew(act, held, beds.rooms, whole=beds.whole)
    stay.ended_on = stay.end_reason = stay.end_text = stay.missed = None
    carry_out(act, stay, StayMove.EXPECT_AGAIN)
    act.session.flush()
    for claim in holds.claims_of_hold(act, held.id):
        claim.stay_id = stay.id


def _awaited(act: Act, hold_id: str, seen: datetime | None) -> tuple[Hold, Stay]:
    """Returns the locked hold and the planned stay of an expected client. Raises `Conflict` if the client has arrived
    or is not expected, or if the expected time differs from `seen`.
    """
    held, stay = confirmed(act, hold_id)
    if stay.status is StayStatus.IN_HOUSE:
        raise Conflict("arrived_already")
    require(stay, StayMove.ARRIVE)
    expected = arrival_details.agreed_of(held).expected_at
    if seen is not None and expected is not None and abs(expected - seen) >= _SECOND:
        raise Conflict("expected_otherwise", at=f"{expected.astimezone(AMSTERDAM):%d-%m %H:%M}")
    return held, stay


def withdraw_search(act: Act, registration: Registration) -> None:
    """Withdraws the proposals and the unconfirmed hold of the search for another place, because the client did not lose
    the first place. Raises `Conflict` if another place was confirmed.
    """
    supersede_proposals(act, registration.id)
    if not registration.status.is_kept_for:
        return
    kept = select(Hold).where(Hold.registration_id == registration.id, col(Hold.status).in_(KEPT))
    other = act.session.exec(kept).first()
    if other is None:
        raise gone_on(act, "kept_elsewhere")
    holds.let_go(act, other, SUPERSEDED, placers_know=True)
    holds.reopen(act, registration, why=SUPERSEDED)


def gone_on(act: Act, code: str, **facts: str) -> Conflict:
    """Returns the error for a reversal that is no longer possible. For a shelter, the error does not disclose what
    happened to the client since.
    """
    return Conflict(code, **facts) if act.actor.shelter_id is None else Conflict("no_way_back")


def rooms_again(act: Act, held: Hold, registration: Registration) -> BedsAgain:
    """Returns beds of the unit that suit the client today. Raises `Conflict` if no bed is left, or if the place breaks
    a rule that it did not break at the decision.
    """
    require_ground(act, registration)
    act.session.flush()
    problem = snapshot(act, reserved=registration.id).problem
    if registration.id not in {row.id for row in problem.registrations}:
        raise Conflict("registration_changed")
    decision = act.session.get_one(Decision, held.decision_id)
    new = sorted(set(broken_rules(problem, registration.id, held.unit_id)) - set(decision.broken))
    if new:
        raise Conflict("situation_changed", rules=new)
    proposal = act.session.get_one(Proposal, decision.proposal_id)
    return BedsAgain(*chosen_rooms(act, decision, proposal, problem))
