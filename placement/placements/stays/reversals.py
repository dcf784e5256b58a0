"""Reversals of reports that were made about the wrong client. After a reversed departure the stay continues. After a
reversed arrival the client is expected again.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import AMSTERDAM
from placement.core.codes import DecisionStatus, MessageKind, RegistrationStatus, StayStatus
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.reason_codes import MOVED_ON
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import RegistrationMove, StayMove
from placement.outbox.announcements import announce_stay, who_was_told
from placement.placements.decisions.provisional_review import seek_another
from placement.placements.holds.arrivals import gone_on, withdraw_search
from placement.placements.holds.reserved_places import kept_for
from placement.placements.moves.household_beds import seat_household
from placement.placements.stays import place_fit
from placement.placements.stays.late_entries import LONGEST
from placement.placements.stays.place_fit import PlaceHeld
from placement.placements.stays.prior_state import (
    StatusReport,
    persons_before,
    put_back,
    reversible_until,
    said_at,
    was_missing,
    was_moving,
)
from placement.placements.stays.stays import claims_of, lived_in
from placement.registrations.registrations import supersede_proposals
from placement.registrations.reopening import REVERSIBLE_FOR
from placement.registrations.returns import returned_as
from placement.registrations.searches import take_back_searches
from placement.storage.bed_claims import claims_on
from placement.storage.locks import lock_registrations, lock_shelter_of_unit
from placement.tables import Bed, BedClaim, Decision, Hold, Registration, Stay
from placement.tables.stay import Before


def reversible_ends(act: Act) -> list[Stay]:
    """Returns the visible stays whose end can be reversed now, latest report first. Checks only the case,
    not the beds.
    """
    ended = act.session.exec(select(Stay.id).where(_recent(act))).all()
    seen = scoped_queries.stays_of(act.session, act.actor, col(BedClaim.stay_id).in_(ended))
    rows = act.session.exec(seen.where(col(Stay.id).in_(ended)))
    said = _in_order(one for one in rows if reversible_until(act, one, StatusReport.LEFT))
    last = {stay.registration_id: stay for stay in said}
    cases = act.session.exec(select(Registration).where(col(Registration.id).in_(last))).all() if last else []
    going_on = {case.id for case in cases if not _has_gone_on(case, last[case.id])}
    found = _in_order(stay for case, stay in last.items() if case in going_on)[::-1]
    if found:
        audit_log.write(act, Event.STAYS_LISTED, shown=[one.registration_id for one in found], status=StayStatus.ENDED)
    return found


def reversible_end_of(act: Act, case_id: str) -> Stay | None:
    """Returns the stay of this case whose end can be reversed now, or `None`. The caller checks access to the case."""
    ended = act.session.exec(select(Stay).where(Stay.registration_id == case_id, _recent(act)))
    found = _in_order(one for one in ended if reversible_until(act, one, StatusReport.LEFT))
    return found[-1] if found and not _has_gone_on(act.session.get_one(Registration, case_id), found[-1]) else None


def _in_order(stays: Iterable[Stay]) -> list[Stay]:
    """Sorts stays by the time at which their end was reported."""
    return sorted(stays, key=lambda stay: (stay.before["at"], stay.id))


def forget(act: Act, _due: datetime | None = None) -> int:
    """Erases prior states that are too old for a reversal. Returns the number of stays. Safe to run twice."""
    lately = col(Stay.ended_on) >= act.day - LONGEST - 2 * REVERSIBLE_FOR
    kept = select(Stay).where(col(Stay.before).is_not(None), or_(col(Stay.status) == StayStatus.IN_HOUSE, lately))
    cases = [one.registration_id for one in _past(act, act.session.exec(kept))]
    theirs = lock_registrations(act.session, cases, pass_over=True)
    again = kept.where(col(Stay.registration_id).in_(theirs)).execution_options(populate_existing=True)
    past = _past(act, act.session.exec(again))
    for one in past:
        one.before = None
    return len(past)


def _past(act: Act, stays: Iterable[Stay]) -> list[Stay]:
    def is_past(before: Before) -> bool:
        return datetime.fromisoformat(before["at"]) <= act.at - REVERSIBLE_FOR

    return [one for one in stays if is_readable(one.before) and is_past(one.before)]


def _recent(act: Act) -> ColumnElement[bool]:
    """Returns the condition for stays whose end was reported recently. It includes late entries, whose end was on an
    earlier day.
    """
    return col(Stay.ended_on) >= act.day - LONGEST - REVERSIBLE_FOR


@needs(Permission.STAY_END)
def reverse_end(act: Act, stay_id: str) -> Stay:
    """Reverses a departure. The stay and its clock continue in the same beds, and the case returns to its former state.

    Withdraws the search that followed, and notifies everybody who was informed of the departure. If the desk sent the
    decision on this place back meanwhile, another place is sought.

    Raises `Conflict` after three days, or if a bed is taken or does not exist any more. Raises it also if the case was
    changed since, or if another place was confirmed.
    """
    lock_shelter_of_unit(act.session, scoped_queries.stay_of(act.session, act.actor, stay_id).unit_id)
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id, lock=True)
    at = _require_said(act, stay, StatusReport.LEFT, StayMove.LIVE_ON.refusal, "stay_end_is_final")
    case = act.session.get_one(Registration, stay.registration_id)
    claims = _require_beds(act, stay, stay.before["claims"])
    _require_not_gone_on(act, case, stay)
    broken_off = who_was_told(act.session, MessageKind.STAY_BROKEN_OFF, stay.id, at)
    told = broken_off | who_was_told(act.session, MessageKind.CASE_CLOSED, case.id, at)
    told |= who_was_told(act.session, MessageKind.CLIENT_MISSING, stay.id, at)
    if was_moving(stay):
        supersede_proposals(act, case.id)
    else:
        withdraw_search(act, case)
    take_back_searches(act, case, at)
    put_back(case, stay)
    of_end = at, stay.end_reason
    case.avoidances = [one for one in case.avoidances if (one.since, one.reason) != of_end]
    case.closed_reason = case.closed_on = None
    if not (was_missing(stay) and case.status is RegistrationStatus.MISSING):  # otherwise the search goes on
        lives = RegistrationMove.SEEK_AS_BEFORE if was_moving(stay) else RegistrationMove.LIVE_ON
        carry_out(act, case, RegistrationMove.HOLD_AS_BEFORE if case.status.is_kept_for else lives)
    before, stay.before = stay.before, None
    _live_on(act, stay, claims, before)
    case.breaks = _broken(act, case, stay, before)
    _seek_where_sent_back(act, case, stay, at)
    announce_stay(act, MessageKind.STAY_END_REVERSED, stay, also=told)
    return stay


@needs(Permission.ARRIVAL_SAY)
def reverse_arrival(act: Act, hold_id: str) -> Hold:
    """Reverses an arrival. The client is expected again, even if the expected time has passed. Notifies everybody who
    was informed.

    A client who was moving lives in the old place again. Raises `Conflict` after three days, if the household changed
    rooms, or if the case was changed since. Raises it also if a bed in the old place is taken or missing.
    """
    known = scoped_queries.hold_of(act.session, act.actor, hold_id)
    left_for_it = Stay.registration_id == known.registration_id, Stay.end_reason == MOVED_ON
    left_units = [one.unit_id for one in act.session.exec(select(Stay).where(*left_for_it))]
    lock_shelter_of_unit(act.session, known.unit_id, *left_units)
    held = scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)
    stay = act.session.exec(select(Stay).where(Stay.hold_id == held.id)).first()
    at = _require_said(act, stay, StatusReport.ARRIVED, StayMove.EXPECT_STILL.refusal, "arrival_is_final")
    assert stay is not None  # noqa: S101  (the report was made on this stay)
    case, before = act.session.get_one(Registration, stay.registration_id), stay.before
    claims = {claim.id: claim for claim in lived_in(act, stay)}
    sought_since = len(case.requests) != len(before["requests"])
    if case.status is not RegistrationStatus.PLACED or claims.keys() != before["claims"].keys() or sought_since:
        raise gone_on(act, "case_gone_on", status=case.status.value)
    left = act.session.get_one(Stay, before["left"]) if before["left"] else None
    beds = [] if left is None else _require_beds(act, left, before["left_claims"])
    told = who_was_told(act.session, MessageKind.ARRIVED, stay.id, at)
    put_back(case, stay)
    for key, claim in claims.items():
        claim.starts_on = date.fromisoformat(before["claims"][key])
    stay.arrived_at = stay.limit_on = stay.before = None
    carry_out(act, stay, StayMove.EXPECT_STILL)
    act.session.flush()
    if left is not None:
        _live_on(act, left, beds, before)
    carry_out(act, case, RegistrationMove.AWAIT if left is None else RegistrationMove.AWAIT_MOVE)
    case.breaks = sorted({*before["breaks"], *case.breaks})
    if left is not None:
        case.breaks = _broken(act, case, left, before)
    announce_stay(act, MessageKind.ARRIVAL_REVERSED, stay, also=told)
    return held


def _require_said(act: Act, stay: Stay | None, said: StatusReport, unsaid: str, final: str) -> datetime:
    """Returns the time of this report. Raises `Conflict` with the code `unsaid` if the report was not made, and with
    the code `final` if it is too old.
    """
    at = None if stay is None else said_at(stay, said)
    if stay is None or at is None:
        raise Conflict(unsaid)
    if reversible_until(act, stay, said) is None:
        raise Conflict(final, at=f"{at.astimezone(AMSTERDAM):%d-%m %H:%M}", days=REVERSIBLE_FOR.days)
    return at


def _require_beds(act: Act, stay: Stay, ended: Collection[str]) -> list[BedClaim]:
    """Returns the claims of the stay whose ids are in `ended`. Raises `Conflict` if another claim on these beds was
    made since, or if a bed does not exist any more.
    """
    claims = [claim for claim in claims_of(act, stay) if claim.id in ended]
    beds = {claim.bed_id for claim in claims}
    rows = act.session.exec(select(Bed).where(col(Bed.id).in_(beds))).all()
    there = {bed.id for bed in rows if bed.exists_on(act.day)}
    until = {claim.bed_id: claim.ends_on for claim in claims if claim.ends_on}
    since = or_(col(BedClaim.ends_on).is_(None), col(BedClaim.ends_on) > stay.ended_on)
    others = [
        other
        for other in claims_on(act.session, beds, col(BedClaim.cancelled).is_(False), since)
        if other.id not in ended and (other.ends_on is None or other.ends_on > until[other.bed_id])
    ]
    left = there - {other.bed_id for other in others}
    if left != beds:
        raise Conflict("beds_gone", left=len(left), beds=len(beds))
    return claims


def _live_on(act: Act, stay: Stay, claims: Collection[BedClaim], before: Before) -> None:
    """Reopens the stay in its former beds. If the household has changed, assigns the beds again (`seat_household`)."""
    case, persons = act.session.get_one(Registration, stay.registration_id), persons_before(before)
    stay.ended_on = stay.end_reason = stay.end_text = None
    carry_out(act, stay, StayMove.LIVE_ON)
    for claim in claims:
        claim.ends_on = None
    act.session.flush()
    if case.persons != persons:
        seat_household(act, case, PlaceHeld(stay), persons)


def _require_not_gone_on(act: Act, case: Registration, stay: Stay) -> None:
    """Raises `Conflict` if the case was changed since the end of the stay: it was closed for another reason or
    reopened, or the client has lived elsewhere.
    """
    others = act.session.exec(select(Stay).where(Stay.registration_id == case.id, Stay.id != stay.id))
    lived_since = any(one.before and one.before["at"] > stay.before["at"] for one in others if is_readable(one.before))
    elsewhere = lived_since or _has_gone_on(case, stay)
    closed, every_case = case.status is RegistrationStatus.CLOSED, select(Registration)
    if elsewhere or (closed and returned_as(act, case.id, every_case)):
        raise gone_on(act, "case_gone_on", status=case.status.value)


def _has_gone_on(case: Registration, stay: Stay) -> bool:
    """Checks whether the case was closed for another reason than the stay, is unreadable, or has a client who lives
    elsewhere.
    """
    closed_otherwise = case.status is RegistrationStatus.CLOSED and case.closed_reason != stay.end_reason
    return not is_readable(case.content) or closed_otherwise or case.status in place_fit.LIVES


def _broken(act: Act, case: Registration, stay: Stay, before: Before) -> list[str]:
    """Returns the broken rules to store with the case, sorted:
    - rules that are broken in the stay's place or in a kept place, and were stored as broken before;
    - rules that became broken in the stay's place since.
    """
    broken = {one.rule for one in place_fit.broken_in(act, case, PlaceHeld(stay))}
    new = broken - {*before["broken"]}
    kept = [PlaceHeld(one.row) for one in kept_for(act, case)]
    broken |= {one.rule for place in kept for one in place_fit.broken_in(act, case, place)}
    return sorted(broken & {*before["breaks"], *case.breaks} | new)


def _seek_where_sent_back(act: Act, case: Registration, stay: Stay, since: datetime) -> None:
    """Starts a search for another place if the desk sent the decision on this stay back after the client left."""
    if stay.hold_id is None or case.status is not RegistrationStatus.PLACED:
        return
    decision = act.session.get_one(Decision, act.session.get_one(Hold, stay.hold_id).decision_id)
    if decision.status is DecisionStatus.REFUSED and decision.second_at is not None and decision.second_at > since:
        seek_another(act.by_the_system(), case, decision.second_text)
