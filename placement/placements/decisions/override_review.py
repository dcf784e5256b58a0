"""Reviews of decisions that broke a rule. On the review day a person checks the place, and can set
another review day.
"""

from datetime import date, datetime

from sqlmodel import col, select

from placement.access import doubt_stop, scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.codes import DecisionKind, DecisionStatus, StayStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.crypto.encrypted_columns import is_readable
from placement.placements.decisions.decisions import look_again_on
from placement.placements.decisions.present_problem import SAFETY_RULES
from placement.placements.stays.place_fit import broken_in, places_of
from placement.tables import Decision, Hold, Registration, Stay


@needs(Permission.DECISION_CONFIRM)
def look_at(act: Act, decision_id: str, again_on: date | None = None) -> Decision:
    """Records a review of a decision. `again_on`: the next review day, required while the place breaks a safety rule;
    `None` ends the reviews. Raises `Conflict` if the decision has no review day or was not carried out. Also raises it
    if another person reviewed the decision today and set a review day after today.
    """
    decision = scoped_queries.decision_of(act.session, act.actor, decision_id, lock=True)
    doubt_stop.require_for(act, decision.registration_id)
    if decision.review_on is None or decision.status is not DecisionStatus.FINAL:
        raise Conflict("nothing_to_look_at", status=decision.status.value)
    by_another_today = (
        decision.looked_by != act.actor.id and decision.looked_at and day_of(decision.looked_at) == act.day
    )
    if by_another_today and decision.review_on > act.day:
        raise Conflict("looked_at_today", day=f"{decision.review_on:%d-%m-%Y}")
    if again_on is not None and again_on <= act.day:
        raise Invalid.at("again_on", "day_passed", found=again_on.isoformat())
    if again_on is None and (unsafe := still_unsafe(act, decision)):
        raise Invalid.at("again_on", "review_missing", rules=unsafe)
    decision.review_on, decision.looked_at, decision.looked_by = again_on, act.at, act.actor.id
    again = None if again_on is None else again_on.isoformat()
    audit_log.write(
        act, Event.OVERRIDE_LOOKED_AT, registration=decision.registration_id, subject=decision.id, again_on=again
    )
    return decision


def still_unsafe(act: Act, decision: Decision) -> list[str]:
    """Returns the safety rules that the decision broke and that the client's place still breaks today."""
    registration = act.session.get_one(Registration, decision.registration_id)
    there = [
        place
        for place in places_of(act, registration)
        if is_readable(place.row.unit_id, registration.content) and place.unit_id == decision.unit_id
    ]
    broken = {one.rule for place in there for one in broken_in(act, registration, place)}
    return sorted(SAFETY_RULES & broken.intersection(decision.broken))


def give_days(act: Act, _due: datetime | None = None) -> int:
    """Sets a review day on overrides that were made before review days existed, if the client lives in the place or is
    expected there. Returns the number of changed decisions. Safe to run twice.
    """
    never = col(Decision.review_on).is_(None), col(Decision.looked_at).is_(None)
    standing = Decision.kind == DecisionKind.OVERRIDE, Decision.status == DecisionStatus.FINAL
    query = select(Decision).join(Hold, col(Hold.decision_id) == Decision.id).join(Stay, col(Stay.hold_id) == Hold.id)
    found = act.session.exec(query.where(*never, *standing, Stay.status != StayStatus.ENDED)).all()
    broke = [one for one in found if is_readable(one.broken) and one.broken]
    for decision in broke:
        decision.review_on = look_again_on(act, day_of(decision.decided_at))
    return len(broke)
