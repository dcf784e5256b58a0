"""Stays: arrival, review, end."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import HoldStatus, MessageKind, StayStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.reason_codes import BREAKS_OFF, Reason, Step, known_reason
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.reasons import reason_for
from placement.lifecycles.machine import carry_out, require
from placement.lifecycles.moves import RegistrationMove, StayMove
from placement.outbox.announcements import announce_stay
from placement.placements.holds import claims_of_hold, take_case_effect
from placement.registrations.registrations import close_with
from placement.storage.bed_claims import claims_of_stay
from placement.storage.locks import lock_registrations
from placement.tables import Hold, Registration, Stay

NO_SHOW = "no_show"

MARKS = (2 / 3, 5 / 6, 1)
"""Parts of the limit at which a stay is reviewed: day 60, 75 and 90 of three months."""


@needs(Permission.HOLD_ARRIVE)
def arrive(act: Act, hold_id: str) -> Stay:
    """Records the arrival: the planned stay of a confirmed hold is in house. On an early arrival the beds are claimed
    from today.
    """
    held = scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)
    stay = act.session.exec(select(Stay).where(Stay.hold_id == held.id)).first()
    if held.status is not HoldStatus.CONFIRMED or stay is None:
        raise Conflict("hold_not_confirmed", status=held.status.value)
    stay.arrived_at = act.at
    carry_out(act, stay, StayMove.ARRIVE)
    for claim in claims_of_hold(act, held.id):
        claim.starts_on = min(claim.starts_on, act.day)
    stay.starts_on = min(stay.starts_on, act.day)
    carry_out(act, act.session.get_one(Registration, stay.registration_id), RegistrationMove.PLACE)
    return stay


@needs(Permission.STAY_END)
def end(act: Act, stay_id: str, reason: str | None, text: str | None = None) -> Stay:
    """Ends a stay today and frees its beds. A stay that breaks off opens its registration again, for tonight.

    The reason can add an avoidance: of the location after `moved_for_safety`, of the unit after `asked_to_leave`, until
    a user lifts it.
    """
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id, lock=True)
    require(stay, StayMove.END)
    coded = reason_for(act, Step.END, reason, text)
    if coded.code == NO_SHOW and stay.status is StayStatus.IN_HOUSE:
        raise Conflict("arrived_already")
    _end_with(act, stay, coded, text)
    return stay


@needs(Permission.STAY_BLOCK)
def name_blocker(act: Act, stay_id: str, reason: str | None, text: str | None = None) -> Stay:
    """Stores what keeps the client beyond the limit of the stay; a later code replaces an earlier one."""
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id, lock=True)
    if stay.status is not StayStatus.IN_HOUSE:
        raise Conflict("stay_not_in_house", status=stay.status.value)
    stay.blocker, stay.blocker_text = reason_for(act, Step.BLOCK, reason, text, where="blocker").code, text
    audit_log.write(act, Event.STAY_BLOCKED, registration=stay.registration_id, subject=stay.id, reason=stay.blocker)
    return stay


def last_mark(stay: Stay, day: date) -> int | None:
    """The last review day that this stay has reached; None before the first.

    Days 60, 75 and 90 of three months; 20, 25 and 30 where the limit is 30 days.
    """
    limit = (stay.limit_on - stay.starts_on).days
    reached = ((stay.ended_on or day) - stay.starts_on).days
    marks = [round(limit * part) for part in MARKS]
    return max((mark for mark in marks if mark <= reached), default=None)


def mark_no_shows(act: Act) -> int:
    """Ends the planned stays of clients who did not arrive by the agreed time; returns how many."""
    act = act.by_the_system()
    planned = select(Stay, Hold).join(Hold).where(Stay.status == StayStatus.PLANNED).order_by(Stay.id)
    late = _late(act, act.session.exec(planned))
    if not late:
        return 0
    theirs = lock_registrations(act.session, [stay.registration_id for stay in late], pass_over=True)
    again = planned.where(col(Stay.registration_id).in_(theirs)).execution_options(populate_existing=True)
    due = _late(act, act.session.exec(again))
    for stay in due:
        _end_with(act, stay, known_reason(NO_SHOW), None)
    return len(due)


def _late(act: Act, planned: Iterable[tuple[Stay, Hold]]) -> list[Stay]:
    """The stays whose clients were expected, and did not come; not those whose key is missing."""
    limit = act.at - act.settings.arrival_grace
    return [stay for stay, held in planned if is_readable(held.expected_at) and (held.expected_at or act.at) <= limit]


def _end_with(act: Act, stay: Stay, coded: Reason, text: str | None) -> None:
    planned = stay.status is StayStatus.PLANNED
    stay.ended_on, stay.end_reason, stay.end_text = act.day, coded.code, text
    carry_out(act, stay, StayMove.END, reason=coded.code)
    for claim in claims_of_hold(act, stay.hold_id) if stay.hold_id else claims_of_stay(act.session, stay.id):
        if planned:
            claim.cancelled = True
        elif claim.ends_on is None and not claim.cancelled:  # a person who left before has no bed any more
            claim.ends_on = max(claim.starts_on, act.day)
    registration = act.session.get_one(Registration, stay.registration_id)
    if coded.code not in BREAKS_OFF:
        close_with(act, registration, coded.code)
        return
    take_case_effect(act, registration, stay.unit_id, coded)
    if not planned:  # the bed is gone today
        registration.urgency, registration.needed_by = Urgency.TONIGHT, act.day
    carry_out(act, registration, RegistrationMove.REOPEN, why=coded.code)
    announce_stay(act, MessageKind.NO_SHOW if coded.code == NO_SHOW else MessageKind.STAY_BROKEN_OFF, stay)
