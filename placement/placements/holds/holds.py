"""Holds: beds that are kept until a time limit. A decision makes a hold. The shelter's answer, or the time limit, ends
it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import col, select

from matching import RoomUse
from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.corrections import FURTHEST_FREE, close_unit, correct_count
from placement.capacity.room_state import RoomState
from placement.core.clock import AMSTERDAM, day_of
from placement.core.codes import (
    AvoidedKind,
    DecisionStatus,
    HoldStatus,
    MessageKind,
    StayStatus,
)
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.core.ids import new_id
from placement.core.reason_codes import TAKES_UNTIL, Effect, Reason, Step
from placement.core.request_codes import WithdrawalReason
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.lookup import stay_limit
from placement.dated_rules.reasons import reason_for
from placement.lifecycles.machine import begin, carry_out, fitting, require
from placement.lifecycles.moves import DecisionMove, HoldMove, RegistrationMove, StayMove
from placement.outbox.announcements import announce_hold
from placement.placements.decisions import override_requests
from placement.placements.holds import arrival_details
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.holds.handover_notes import HandoverNotes
from placement.placements.holds.resident_conflict import keep_apart
from placement.placements.stays.late_entries import as_of
from placement.placements.stays.stay_clock import began_on
from placement.registrations import requests
from placement.registrations.case_rows import avoid, persons_of
from placement.registrations.registrations import close_with
from placement.storage.bed_claims import claims_of_holds
from placement.storage.locks import lock_registrations, lock_shelter_of_unit
from placement.tables import Bed, BedClaim, Decision, Hold, Location, ProfileQuestion, Registration, Stay, Unit


def hold(
    act: Act,
    decision: Decision,
    registration: Registration,
    rooms: Sequence[tuple[RoomState, RoomUse]],
    *,
    whole: bool,
    told: HandoverNotes | None = None,
) -> Hold:
    """Keeps the beds for a decision, without asking the shelter yet (see `ask`).

    `rooms`: each room with its number of persons. `whole`: claims every free bed of these rooms, for a household that
    shares no room. The database rejects a bed that another hold has claimed meanwhile.
    """
    held = Hold(
        id=new_id("H"),
        registration_id=registration.id,
        unit_id=str(decision.unit_id),
        decision_id=decision.id,
        starts_on=act.day,
        made_at=act.at,
        made_by=act.actor.id,
        expires_at=act.at + act.settings.hold_lifetime,
        told=None if told is None else told.stored(),
    )
    begin(act, held, HoldMove.RESERVE)
    act.session.add(held)
    act.session.flush()
    _claim(act, held, rooms, whole=whole)
    if not registration.status.is_moving:
        registration.breaks = []
    carry_out(act, registration, fitting(registration, RegistrationMove.HOLD, RegistrationMove.HOLD_MOVE))
    return held


def hold_anew(act: Act, held: Hold, rooms: Sequence[tuple[RoomState, RoomUse]], *, whole: bool) -> None:
    """Replaces the claimed beds by beds that are suitable today."""
    for claim in claims_of_hold(act, held.id):
        act.session.delete(claim)
    act.session.flush()
    _claim(act, held, rooms, whole=whole)


def ask(act: Act, held: Hold) -> None:
    """Sends the hold to the shelter. The time limit for the shelter's answer begins now, not at the decision."""
    held.asked_at, held.expires_at = act.when, act.at + act.settings.hold_lifetime
    held.entered_at = None if act.happened_at is None else act.at
    carry_out(act, held, HoldMove.ASK)
    announce_hold(act, MessageKind.HOLD_ASKED, held)


def drop(act: Act, held: Hold, move: HoldMove, reason: str) -> None:
    """Ends the hold of a decision that was not approved. The registration waits again."""
    if is_readable(held.expires_at):
        held.expires_at = min(held.expires_at, act.at)
    _give_back(act, held, move, reason)
    registration = act.session.get_one(Registration, held.registration_id)
    carry_out(act, registration, fitting(registration, RegistrationMove.WAIT_AGAIN, RegistrationMove.SEEK_ON))


def kept_for(act: Act, decision_id: str) -> Hold:
    """Returns the hold of a decision that waits for approval."""
    kept = Hold.decision_id == decision_id, Hold.status == HoldStatus.RESERVED
    return act.session.exec(select(Hold).where(*kept)).one()


@needs(Permission.HOLD_ANSWER)
def confirm(act: Act, hold_id: str, said: ArrivalDetails, happened_at: datetime | None = None) -> Stay:
    """Records that the shelter accepts the client, and plans the stay. `said`: time of arrival and driver, both
    required. `happened_at`: the time of the answer, if it is a late entry.
    """
    act, held = _answerable(act, hold_id, happened_at)
    arrival_details.keep(held, arrival_details.require_whole(replace(act, at=act.when), held, said))
    held.answered_at, held.answered_by = act.when, act.actor.id
    held.entered_at = act.at if happened_at is not None else None
    carry_out(act, held, HoldMove.CONFIRM, expected=held.expected_at and held.expected_at.isoformat())
    stay = Stay(
        id=new_id("S"),
        registration_id=held.registration_id,
        unit_id=held.unit_id,
        hold_id=held.id,
    )
    begin(act, stay, StayMove.PLAN)
    act.session.add(stay)
    act.session.flush()
    for claim in claims_of_hold(act, held.id):
        claim.stay_id = stay.id
    announce_hold(act, MessageKind.HOLD_CONFIRMED, held)
    return stay


@needs(Permission.HOLD_ANSWER)
def refuse(
    act: Act,
    hold_id: str,
    reason: str | None,
    text: str | None = None,
    until: date | None = None,
    *,
    apart_from: str | None = None,
    happened_at: datetime | None = None,
) -> Hold:
    """Records that the shelter refuses the client, for a coded reason, and applies the reason's automatic effects.
    `until`: the day on which a closed room opens again. `apart_from`: the resident whom the client must not meet.
    `happened_at`: as in `confirm`.
    """
    act, held = _answerable(act, hold_id, happened_at)
    coded = reason_for(act, Step.REFUSE, reason, text)
    if until is not None and coded.effect not in TAKES_UNTIL:
        raise Invalid.at("until", "until_without_effect", reason=coded.code)
    if until is not None and until <= act.day:
        raise Invalid.at("until", "day_passed", found=until.isoformat())
    if until is not None and until > (furthest := act.day + FURTHEST_FREE):
        raise Invalid.at("until", "free_too_far_ahead", found=until.isoformat(), furthest=furthest.isoformat())
    if apart_from is not None:
        keep_apart(act, held, coded, apart_from)
    rooms = _rooms_of(act, held.id)
    _give_back(act, held, HoldMove.REFUSE, coded.code, text, reason=coded.code)
    registration = act.session.get_one(Registration, held.registration_id)
    avoid(act, registration.id, AvoidedKind.UNIT, held.unit_id, coded.code)
    _take_effect_on_unit(act, held, coded, rooms, until)
    take_case_effect(act, registration, held.unit_id, coded)
    reopen(act, registration, why=coded.code)
    announce_hold(act, MessageKind.HOLD_REFUSED, held)
    return held


@needs(Permission.HOLD_RELEASE)
def release(act: Act, hold_id: str, reason: str | None, text: str | None = None) -> Hold:
    """Releases the beds of a hold. This is possible until the client arrives."""
    held = releasable(act, hold_id)
    coded = reason_for(act, Step.RELEASE, reason, text)
    return give_back(act, held, coded.code, text, effect=coded)


def releasable(act: Act, hold_id: str) -> Hold:
    """Returns the locked hold. Raises `Conflict` if its beds cannot be released."""
    held = scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)
    require(held, HoldMove.RELEASE)
    if held.status is HoldStatus.CONFIRMED and _planned_stay(act, held) is None:  # has arrived, and may have left again
        raise Conflict(HoldMove.RELEASE.refusal, status=held.status.value)
    return held


def give_back(act: Act, held: Hold, code: str, text: str | None = None, *, effect: Reason | None = None) -> Hold:
    """Releases the beds of a hold that can be released; the client waits again. `effect`: a reason whose automatic
    effects on the case are applied.
    """
    let_go(act, held, code, text)
    registration = act.session.get_one(Registration, held.registration_id)
    if effect is not None:
        take_case_effect(act, registration, held.unit_id, effect)
    if registration.status.is_kept_for:
        reopen(act, registration, why=code)
    return held


def let_go(act: Act, held: Hold, reason: str, text: str | None = None, *, placers_know: bool = False) -> None:
    """Releases the beds of a client who has not arrived. Also ends the planned stay, or withdraws the decision if it
    waits for approval. `placers_know`: as in `announce_hold`.
    """
    stay = _planned_stay(act, held)
    if held.status is HoldStatus.RESERVED:
        decision = act.session.get_one(Decision, held.decision_id)
        override_requests.end(act, decision, DecisionMove.WITHDRAW)
    if stay is not None:
        stay.ended_on, stay.end_reason = act.day, reason
        carry_out(act, stay, StayMove.END, reason=reason)
    _give_back(act, held, HoldMove.RELEASE, reason, text, reason=reason)
    announce_hold(act, MessageKind.HOLD_RELEASED, held, placers_know=placers_know)


def reopen(act: Act, registration: Registration, *, why: str) -> None:
    """Reopens the registration after its kept place was lost. A client who lives in another place stays there."""
    move = fitting(registration, RegistrationMove.REOPEN, RegistrationMove.REOPEN_MOVE)
    carry_out(act, registration, move, why=why)


def take_case_effect(act: Act, registration: Registration, unit_id: str | None, reason: Reason) -> None:
    """Applies the reason's automatic effects on the case. They never lower its priority."""
    if reason.effect is Effect.CLOSES and registration.status.is_moving:  # the client has a place, and stays there
        requests.stay_on(act, registration, WithdrawalReason.GIVEN_UP)
    elif reason.effect is Effect.CLOSES:
        close_with(act, registration, reason.code)
    elif reason.effect is Effect.AVOID_REGION and unit_id:
        location = _location_of(act, unit_id)
        avoid(act, registration.id, AvoidedKind.REGION, location.region.value, reason.code)
    elif reason.effect is Effect.AVOID_LOCATION and unit_id:
        avoid(act, registration.id, AvoidedKind.LOCATION, _location_of(act, unit_id).id, reason.code)
    elif reason.effect is Effect.WANTS_PRIVATE_ROOM:
        registration.private_room = True
    elif reason.effect is Effect.REFUSES_MIXED:
        registration.accepts_mixed = False
    elif reason.effect is Effect.AVOID_UNIT and unit_id:
        avoid(act, registration.id, AvoidedKind.UNIT, unit_id, reason.code)


def expire_due(act: Act) -> int:
    """Ends every hold that its shelter did not answer in time, and reopens its registration; returns how many.

    Safe to run twice or in two processes: only the process that first locks the registration ends the hold.
    """
    act = act.by_the_system()
    due = run_out(act, HoldStatus.WAITING_FOR_SHELTER)
    for held in due:
        _give_back(act, held, HoldMove.EXPIRE, "hold_expired")
        announce_hold(act, MessageKind.HOLD_EXPIRED, held)
        registration = act.session.get_one(Registration, held.registration_id)
        reopen(act, registration, why="hold_expired")
    return len(due)


def run_out(act: Act, status: HoldStatus) -> list[Hold]:
    """Returns the expired holds of this status, and locks their registrations. Leaves out holds that another
    transaction has locked, and holds whose time limit cannot be decrypted.
    """
    of_status = select(Hold).where(Hold.status == status).order_by(Hold.id)
    late = _late(act, act.session.exec(of_status))
    if not late:
        return []
    theirs = lock_registrations(act.session, [held.registration_id for held in late], pass_over=True)
    again = of_status.where(col(Hold.registration_id).in_(theirs)).execution_options(populate_existing=True)
    return _late(act, act.session.exec(again))


def _late(act: Act, holds: Iterable[Hold]) -> list[Hold]:
    return [held for held in holds if is_readable(held.expires_at) and held.expires_at <= act.at]


def claims_of_hold(act: Act, hold_id: str) -> list[BedClaim]:
    return claims_of_holds(act.session, [hold_id])


def _answerable(act: Act, hold_id: str, happened_at: datetime | None) -> tuple[Act, Hold]:
    """Returns the locked hold, and the act at the time of the shelter's answer. Raises `Conflict` if the hold has
    ended, or had expired at that time.
    """
    lock_shelter_of_unit(act.session, scoped_queries.hold_of(act.session, act.actor, hold_id).unit_id)
    held = scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)
    if held.status is HoldStatus.WAITING_FOR_SHELTER:
        act = as_of(act, happened_at, held.asked_at)
    waits_too_long = held.status is HoldStatus.WAITING_FOR_SHELTER and held.expires_at <= act.when
    if waits_too_long or held.status is HoldStatus.EXPIRED:  # even if the expiry job has not run yet
        raise Conflict("hold_expired", at=f"{held.expires_at.astimezone(AMSTERDAM):%d-%m %H:%M}")
    require(held, HoldMove.CONFIRM)
    return act, held


def limit_of(act: Act, registration: Registration, starts_on: date) -> date:
    """Returns the day on which a stay from `starts_on` reaches its limit. After a move, the limit counts from the first
    place.
    """
    lived = Stay.registration_id == registration.id, Stay.status == StayStatus.IN_HOUSE
    stay = act.session.exec(select(Stay).where(*lived)).first()
    begins = starts_on if stay is None else began_on(act.session, [stay])[stay.id]
    return begins + stay_limit(act.session, registration.residence_basis, begins)


def _claim(act: Act, held: Hold, rooms: Sequence[tuple[RoomState, RoomUse]], *, whole: bool) -> None:
    free_from = max(act.day, *(state.vacancy.free_from for state, _ in rooms))
    held.starts_on = day_of(act.when) if free_from == act.day else free_from
    persons = [person.id for person in persons_of(act, held.registration_id)]
    for state, use in rooms:
        here, persons = persons[: use.persons], persons[use.persons :]
        beds = state.free_bed_ids if whole else state.free_bed_ids[: use.persons]
        for bed, person in zip(beds, [*here, *[None] * (len(beds) - len(here))], strict=True):
            act.session.add(
                BedClaim(
                    bed_id=bed,
                    hold_id=held.id,
                    registration_id=held.registration_id,
                    person_id=person,
                    whole_room=whole,
                    starts_on=held.starts_on,
                )
            )
    act.session.flush()


def _give_back(act: Act, held: Hold, move: HoldMove, coded: str, text: str | None = None, **facts: object) -> None:
    """Ends a hold for a coded reason and releases its beds. `facts`: additional facts of the audit event."""
    held.reason, held.text, held.ended_on = coded, text, day_of(act.when)
    carry_out(act, held, move, registration=None, **facts)
    if is_readable(held.answered_at) and held.answered_at is None and move.target is not HoldStatus.EXPIRED:
        held.answered_at, held.answered_by = act.when, act.actor.id
    for claim in claims_of_hold(act, held.id):
        claim.cancelled = True
    decision = act.session.get_one(Decision, held.decision_id)
    if decision.status is DecisionStatus.PROVISIONAL:  # the desk no longer has anything to confirm
        carry_out(act, decision, DecisionMove.LAPSE)
    act.session.flush()


def _take_effect_on_unit(act: Act, held: Hold, reason: Reason, rooms: Sequence[str], until: date | None) -> None:
    if reason.effect is Effect.CORRECT_COUNT:
        correct_count(act, held.unit_id, rooms)
    elif reason.effect is Effect.ROOMS_OUT_OF_SERVICE:
        correct_count(act, held.unit_id, rooms, closed=True, until=until)
    elif reason.effect is Effect.CLOSE_UNIT:
        close_unit(act, held.unit_id, until)
    elif reason.effect is Effect.QUESTION_PROFILE:
        question = ProfileQuestion(id=new_id("Q"), unit_id=held.unit_id, reason=reason.code, asked_at=act.at)
        act.session.add(question)
        audit_log.write(act, Event.PROFILE_QUESTIONED, subject=held.unit_id, reason=reason.code)


def _rooms_of(act: Act, hold_id: str) -> list[str]:
    beds = [claim.bed_id for claim in claims_of_hold(act, hold_id)]
    return list(act.session.exec(select(Bed.room_id).where(col(Bed.id).in_(beds)).distinct().order_by(Bed.room_id)))


def _location_of(act: Act, unit_id: str) -> Location:
    return act.session.exec(select(Location).join(Unit).where(Unit.id == unit_id)).one()


def _planned_stay(act: Act, held: Hold) -> Stay | None:
    query = select(Stay).where(Stay.hold_id == held.id, Stay.status == StayStatus.PLANNED)
    return act.session.exec(query).first()
