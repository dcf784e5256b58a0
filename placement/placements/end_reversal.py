"""The end of a stay that was said by mistake, of another client for example: it is taken back, and the stay goes on."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.clock import AMSTERDAM
from placement.core.codes import MessageKind, RegistrationStatus, StayStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import RegistrationMove, StayMove
from placement.outbox.announcements import announce_stay, who_was_told
from placement.placements import place_check
from placement.placements.afterwards import LONGEST
from placement.placements.arrivals import withdraw_search
from placement.placements.stays import claims_of
from placement.registrations.registrations import supersede_proposals
from placement.registrations.returns import returned_as
from placement.storage.bed_claims import claims_on
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import Bed, BedClaim, Decision, Hold, Registration, Request, Stay

REVERSIBLE_FOR = timedelta(days=3)
"""How long an end can be taken back: what is said on a Friday is seen on the Monday after it (assumed)."""


def reversible_until(act: Act, stay: Stay) -> datetime | None:
    """Until when the end of this stay can be taken back; None where it cannot."""
    said_at = _said_at(stay)
    return said_at + REVERSIBLE_FOR if said_at is not None and act.at < said_at + REVERSIBLE_FOR else None


def reversible_ends(act: Act) -> list[Stay]:
    """The stays, of those that the actor sees, of which the end can be taken back now; the latest said first."""
    ended = act.session.exec(select(Stay.id).where(_recent(act))).all()
    seen = scoped_queries.stays_of(act.session, act.actor, col(BedClaim.stay_id).in_(ended))
    found = [one for one in act.session.exec(seen.where(col(Stay.id).in_(ended))) if reversible_until(act, one)]
    found.sort(key=lambda stay: (_said_at(stay), stay.id), reverse=True)
    if found:
        audit_log.write(act, Event.STAYS_LISTED, shown=[one.registration_id for one in found], status=StayStatus.ENDED)
    return found


def reversible_end_of(act: Act, case_id: str) -> Stay | None:
    """Of a case that is shown to the actor, the stay of which the end can be taken back now."""
    ended = act.session.exec(select(Stay).where(Stay.registration_id == case_id, _recent(act)))
    return next((one for one in ended if reversible_until(act, one)), None)


def _recent(act: Act) -> Any:
    """The condition of a stay whose end may have been said lately, afterwards too: then it was on a day before that."""
    return col(Stay.ended_on) >= act.day - LONGEST - REVERSIBLE_FOR


@needs(Permission.STAY_END)
def reverse_end(act: Act, stay_id: str) -> Stay:
    """Takes back that a client left: the stay and its clock go on in the same beds, and the case is as it was. A search
    that followed is withdrawn, and all who were told are told of this.

    Raises `Conflict` after three days, where one of the beds was given out or is no longer there, where the case has
    gone on by itself, and where another place was confirmed.
    """
    lock_shelter_of_unit(act.session, scoped_queries.stay_of(act.session, act.actor, stay_id).unit_id)
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id, lock=True)
    said_at = _said_at(stay)
    if said_at is None:
        raise Conflict(StayMove.LIVE_ON.refusal)
    if reversible_until(act, stay) is None:
        raise Conflict("stay_end_is_final", at=f"{said_at.astimezone(AMSTERDAM):%d-%m %H:%M}", days=REVERSIBLE_FOR.days)
    case = act.session.get_one(Registration, stay.registration_id)
    claims = _require_beds(act, stay)
    _require_not_gone_on(act, case, stay)
    told = _who_was_told(act, case, stay, said_at)
    _put_back(act, case, stay, said_at)
    for claim in claims:
        claim.ends_on = None
    carry_out(act, stay, StayMove.LIVE_ON)
    act.session.flush()
    case.breaks = _broken(act, case, stay)
    stay.before_end = None
    announce_stay(act, MessageKind.STAY_END_REVERSED, stay, also=told)
    return stay


def _said_at(stay: Stay) -> datetime | None:
    """When it was said that the client left; None where that was not, or cannot be read."""
    said = stay.before_end
    if not is_readable(said) or said is None or stay.status is not StayStatus.ENDED:
        return None
    return datetime.fromisoformat(said["at"])


def _require_beds(act: Act, stay: Stay) -> list[BedClaim]:
    """The claims that ended with the stay. Raises `Conflict` where a bed of theirs was claimed since, or is closed."""
    ended = {*stay.before_end["claims"]}
    claims = [claim for claim in claims_of(act, stay) if claim.id in ended]
    beds = {claim.bed_id for claim in claims}
    rows = act.session.exec(select(Bed).where(col(Bed.id).in_(beds))).all()
    there = {bed.id for bed in rows if bed.exists_on(act.day)}
    since = or_(col(BedClaim.ends_on).is_(None), col(BedClaim.ends_on) > stay.ended_on)
    others = claims_on(act.session, beds, col(BedClaim.cancelled).is_(False), since)
    left = there - {other.bed_id for other in others if other.id not in ended}
    if left != beds:
        raise Conflict("beds_gone", left=len(left), beds=len(beds))
    return claims


def _require_not_gone_on(act: Act, case: Registration, stay: Stay) -> None:
    """Raises `Conflict` where the case was closed otherwise, another was made of it, or the client lives elsewhere."""
    closed = case.status is RegistrationStatus.CLOSED
    is_ours = is_readable(case.content) and (not closed or case.closed_reason == stay.end_reason)
    every_case = select(Registration)
    if not is_ours or case.status in place_check.LIVES or (closed and returned_as(act, case.id, every_case)):
        raise Conflict("case_gone_on", status=case.status.value)


def _who_was_told(act: Act, case: Registration, stay: Stay, said_at: datetime) -> frozenset[str]:
    broken_off = who_was_told(act.session, MessageKind.STAY_BROKEN_OFF, stay.id, said_at)
    return broken_off | who_was_told(act.session, MessageKind.CASE_CLOSED, case.id, said_at)


def _put_back(act: Act, case: Registration, stay: Stay, said_at: datetime) -> None:
    """The case as it was before the end: its state, its request, and no avoidance that came of the end."""
    before = stay.before_end
    moved = RegistrationStatus(before["status"]).is_moving
    if moved:
        supersede_proposals(act, case.id)
    else:
        withdraw_search(act, case)
    lost_at = before["place_lost_at"]
    case.place_lost_at = lost_at and datetime.fromisoformat(lost_at)
    case.urgency, case.needed_by = Urgency(before["urgency"]), date.fromisoformat(before["needed_by"])
    case.requests = [Request.model_validate(one) for one in before["requests"]]
    of_end = said_at, stay.end_reason
    case.avoidances = [one for one in case.avoidances if (one.since, one.reason) != of_end]
    case.closed_reason = case.closed_on = None
    stay.ended_on = stay.end_reason = stay.end_text = None
    lives = RegistrationMove.SEEK_AS_BEFORE if moved else RegistrationMove.LIVE_ON
    carry_out(act, case, RegistrationMove.HOLD_AS_BEFORE if case.status.is_kept_for else lives)


def _broken(act: Act, case: Registration, stay: Stay) -> list[str]:
    """What broke before, and what breaks now beside what was known when it was decided."""
    place = place_check.PlaceHeld(stay)
    known: set[str] = set()
    if stay.hold_id is not None:
        known.update(act.session.get_one(Decision, act.session.get_one(Hold, stay.hold_id).decision_id).broken)
    broken = {one.rule for one in place_check.broken_in(act, case, place)}
    return sorted(broken & {*stay.before_end["breaks"]} | broken - known)
