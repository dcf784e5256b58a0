"""A client who was expected comes later, did not come, or came after all: said by a person, never by the clock."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.arrival_codes import Rung
from placement.core.clock import AMSTERDAM
from placement.core.codes import MessageKind, StayStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.core.reason_codes import known_reason
from placement.lifecycles.machine import carry_out, fitting, require
from placement.lifecycles.moves import RegistrationMove, StayMove
from placement.outbox.announcements import announce_hold, announce_stay, who_was_told
from placement.placements import agreed, holds
from placement.placements.afterwards import as_of
from placement.placements.chosen_rooms import chosen_rooms
from placement.placements.decisions import broken_rules
from placement.placements.kept_places import KEPT
from placement.placements.stays import NO_SHOW, REVERSIBLE_FOR, confirmed, end_with, missed_at, reversible_until
from placement.registrations.registrations import supersede_proposals
from placement.registrations.sharing import require_ground
from placement.solver.snapshot import snapshot
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import Decision, Hold, Proposal, Registration, Stay

SUPERSEDED = "superseded"
_SECOND = timedelta(seconds=1)


@needs(Permission.ARRIVAL_SAY)
def postpone(act: Act, hold_id: str, expected_at: datetime, *, seen: datetime | None = None) -> Hold:
    """Gives a new time at which a client is expected who is still on the way, and tells the others who wait.

    `seen`: the time at which the client was expected as the actor knew it. Raises `Conflict` where it is another now.
    """
    held, _ = _awaited(act, hold_id, seen)
    said = agreed.agreed_of(held)
    agreed.require_time(act, held, expected_at)
    agreed.keep(held, agreed.Agreed(expected_at, said.driver, said.road_telephone))
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
) -> Hold:
    """A person says that the client did not come, and what came of ringing: the beds are free, and a place is sought
    again. Before the expected time only where the client was reached. `happened_at`: where it is entered afterwards.
    `seen`: as of `postpone`.
    """
    held, stay = _awaited(act, hold_id, seen)
    act = as_of(act, happened_at, held.answered_at)
    if rung is None:
        raise Invalid.at("rung", "rung_missing", allowed=[one.value for one in Rung])
    expected = agreed.agreed_of(held).expected_at
    if rung is not Rung.NOT_COMING and expected is not None and act.when < expected:
        raise Conflict("not_expected_yet", at=f"{expected.astimezone(AMSTERDAM):%d-%m %H:%M}")
    stay.missed = {"at": act.at.isoformat(), "rung": rung.value}
    end_with(act, stay, known_reason(NO_SHOW), rung=rung.value)
    return held


@needs(Permission.ARRIVAL_SAY)
def reverse_no_show(act: Act, hold_id: str) -> Hold:
    """Takes back that a client did not come: gives back the bed, withdraws the search that followed, and tells all who
    were told. Raises `Conflict` after half an hour, where the unit has no bed left or breaks a rule by now, and where
    another place was confirmed.
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
    told = who_was_told(act.session, MessageKind.NO_SHOW, stay.id, said_at)
    registration = act.session.get_one(Registration, held.registration_id)
    withdraw_search(act, registration)
    move = fitting(registration, RegistrationMove.HOLD, RegistrationMove.HOLD_MOVE)
    require(registration, move)
    _keep_again(act, held, registration)
    stay.ended_on = stay.end_reason = stay.end_text = stay.missed = None
    carry_out(act, stay, StayMove.EXPECT_AGAIN)
    act.session.flush()
    for claim in holds.claims_of_hold(act, held.id):
        claim.stay_id = stay.id
    carry_out(act, registration, move)
    announce_stay(act, MessageKind.NO_SHOW_REVERSED, stay, also=told)
    return held


def _awaited(act: Act, hold_id: str, seen: datetime | None) -> tuple[Hold, Stay]:
    """The hold, locked, of a client who is expected, and the planned stay. Raises `Conflict` where none is, or where
    the client is expected at another time than the one that the actor saw.
    """
    held, stay = confirmed(act, hold_id)
    if stay.status is StayStatus.IN_HOUSE:
        raise Conflict("arrived_already")
    require(stay, StayMove.ARRIVE)
    expected = agreed.agreed_of(held).expected_at
    if seen is not None and expected is not None and abs(expected - seen) >= _SECOND:
        raise Conflict("expected_otherwise", at=f"{expected.astimezone(AMSTERDAM):%d-%m %H:%M}")
    return held, stay


def withdraw_search(act: Act, registration: Registration) -> None:
    """Withdraws what followed where no place was lost after all: open proposals, and beds that are kept elsewhere and
    not confirmed.
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
    """Why it cannot be taken back: a shelter is not told what became of the client since."""
    return Conflict(code, **facts) if act.actor.shelter_id is None else Conflict("no_way_back")


def _keep_again(act: Act, held: Hold, registration: Registration) -> None:
    """Claims beds of the unit again, by the facts of now. Raises `Conflict` where none is left, or a rule breaks that
    did not when it was decided.
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
    rooms, whole = chosen_rooms(act, decision, proposal, problem)
    holds.hold_anew(act, held, rooms, whole=whole)
