"""What was said of the wrong client is taken back: that a client left, and the stay goes on; that one arrived, who is
expected as before.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
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


def reversible_ends(act: Act) -> list[Stay]:
    """The stays, of those that the actor sees, of which the end can be taken back now, as far as the case itself says;
    the latest said first.
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
    """Of a case that is shown to the actor, the stay of which the end can be taken back now."""
    ended = act.session.exec(select(Stay).where(Stay.registration_id == case_id, _recent(act)))
    found = _in_order(one for one in ended if reversible_until(act, one, StatusReport.LEFT))
    return found[-1] if found and not _has_gone_on(act.session.get_one(Registration, case_id), found[-1]) else None


def _in_order(stays: Iterable[Stay]) -> list[Stay]:
    """By when the end was said."""
    return sorted(stays, key=lambda stay: (stay.before["at"], stay.id))


def forget(act: Act, _due: datetime | None = None) -> int:
    """Erases what is kept for reversals whose time has passed; returns of how many stays. Harmless when run twice."""
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
    def is_past(before: dict[str, Any]) -> bool:
        return datetime.fromisoformat(before["at"]) <= act.at - REVERSIBLE_FOR

    return [one for one in stays if is_readable(one.before) and is_past(one.before)]


def _recent(act: Act) -> Any:
    """The condition of a stay whose end may have been said lately, afterwards too: then it was on a day before that."""
    return col(Stay.ended_on) >= act.day - LONGEST - REVERSIBLE_FOR


@needs(Permission.STAY_END)
def reverse_end(act: Act, stay_id: str) -> Stay:
    """Takes back that a client left: the stay and its clock go on in the same beds, and the case is as it was. A search
    that followed is withdrawn, and all who were told are told of this.

    Where the desk sent the decision on this place back meanwhile, another one is sought, as if the client had been
    there then. Raises `Conflict` after three days, where one of the beds was given out or is no longer there, where the
    case has gone on by itself, and where another place was confirmed.
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
    if not (was_missing(stay) and case.status is RegistrationStatus.MISSING):  # then the search goes on
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
    """Takes back that a client arrived, who is expected as before: late, too, where the time has passed. One who was
    moving lives on in the old place. All who were told are told of this.

    Raises `Conflict` after three days, where the household has other beds by now or the case has gone on, and where one
    of the beds of the old place was given out or is no longer there.
    """
    known = scoped_queries.hold_of(act.session, act.actor, hold_id)
    left_for_it = Stay.registration_id == known.registration_id, Stay.end_reason == MOVED_ON
    left_units = [one.unit_id for one in act.session.exec(select(Stay).where(*left_for_it))]
    lock_shelter_of_unit(act.session, known.unit_id, *left_units)
    held = scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)
    stay = act.session.exec(select(Stay).where(Stay.hold_id == held.id)).first()
    at = _require_said(act, stay, StatusReport.ARRIVED, StayMove.EXPECT_STILL.refusal, "arrival_is_final")
    assert stay is not None  # noqa: S101  (it was said of it)
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
    """When this was said of the stay. Raises `Conflict` where it was not (`unsaid`), or too long ago (`final`)."""
    at = None if stay is None else said_at(stay, said)
    if stay is None or at is None:
        raise Conflict(unsaid)
    if reversible_until(act, stay, said) is None:
        raise Conflict(final, at=f"{at.astimezone(AMSTERDAM):%d-%m %H:%M}", days=REVERSIBLE_FOR.days)
    return at


def _require_beds(act: Act, stay: Stay, ended: Collection[str]) -> list[BedClaim]:
    """The claims that ended with the stay: after its day where rooms were changed since that. Raises `Conflict` where a
    bed of theirs was claimed since, or is closed.
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


def _live_on(act: Act, stay: Stay, claims: Collection[BedClaim], before: dict[str, Any]) -> None:
    """In the same beds; where the household is another by now, each person in one, as far as there are."""
    case, persons = act.session.get_one(Registration, stay.registration_id), persons_before(before)
    stay.ended_on = stay.end_reason = stay.end_text = None
    carry_out(act, stay, StayMove.LIVE_ON)
    for claim in claims:
        claim.ends_on = None
    act.session.flush()
    if case.persons != persons:
        seat_household(act, case, PlaceHeld(stay), persons)


def _require_not_gone_on(act: Act, case: Registration, stay: Stay) -> None:
    """Raises `Conflict` where the case was closed otherwise, another was made of it, or the client lives elsewhere, or
    did since.
    """
    others = act.session.exec(select(Stay).where(Stay.registration_id == case.id, Stay.id != stay.id))
    lived_since = any(one.before and one.before["at"] > stay.before["at"] for one in others if is_readable(one.before))
    elsewhere = lived_since or _has_gone_on(case, stay)
    closed, every_case = case.status is RegistrationStatus.CLOSED, select(Registration)
    if elsewhere or (closed and returned_as(act, case.id, every_case)):
        raise gone_on(act, "case_gone_on", status=case.status.value)


def _has_gone_on(case: Registration, stay: Stay) -> bool:
    """Whether it was closed otherwise than by the end of this stay, or the client lives elsewhere."""
    closed_otherwise = case.status is RegistrationStatus.CLOSED and case.closed_reason != stay.end_reason
    return not is_readable(case.content) or closed_otherwise or case.status in place_fit.LIVES


def _broken(act: Act, case: Registration, stay: Stay, before: dict[str, Any]) -> list[str]:
    """What was known to break there or where the client is expected, and what breaks there now and did not before."""
    broken = {one.rule for one in place_fit.broken_in(act, case, PlaceHeld(stay))}
    new = broken - {*before["broken"]}
    kept = [PlaceHeld(one.row) for one in kept_for(act, case)]
    broken |= {one.rule for place in kept for one in place_fit.broken_in(act, case, place)}
    return sorted(broken & {*before["breaks"], *case.breaks} | new)


def _seek_where_sent_back(act: Act, case: Registration, stay: Stay, since: datetime) -> None:
    """Seeks another place where the desk sent the decision on this one back since then, when the client was gone."""
    if stay.hold_id is None or case.status is not RegistrationStatus.PLACED:
        return
    decision = act.session.get_one(Decision, act.session.get_one(Hold, stay.hold_id).decision_id)
    if decision.status is DecisionStatus.REFUSED and decision.second_at is not None and decision.second_at > since:
        seek_another(act.by_the_system(), case, decision.second_text)
