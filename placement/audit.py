"""The log of what was done: one line an act, in its own transaction, so that neither is there without the other."""

from enum import StrEnum

from placement.acting import Act
from placement.tables import AuditEvent


class Event(StrEnum):
    """`subject:act`, a closed list."""

    TOKEN_ISSUED = "token:issued"  # noqa: S105  (an event's name)
    CAPACITY_REPORTED = "capacity:reported"
    CAPACITY_CORRECTED = "capacity:corrected"
    CONFIRMATION_ASKED = "capacity:confirmation_asked"
    PROFILE_CHANGED = "profile:changed"
    PROFILE_QUESTIONED = "profile:questioned"
    REGISTERED = "registration:made"
    REGISTRATION_CHANGED = "registration:changed"
    REGISTRATION_REOPENED = "registration:reopened"
    REGISTRATION_CLOSED = "registration:closed"
    AVOIDANCE_SET = "avoidance:set"
    AVOIDANCE_LIFTED = "avoidance:lifted"
    PROPOSED = "proposal:made"
    PROPOSAL_SUPERSEDED = "proposal:superseded"
    PROPOSAL_EXPIRED = "proposal:expired"
    DECIDED = "decision:made"
    DECISION_CONFIRMED = "decision:confirmed"
    DECISION_REFUSED = "decision:refused"
    HELD = "hold:made"
    HOLD_CONFIRMED = "hold:confirmed"
    HOLD_REFUSED = "hold:refused"
    HOLD_EXPIRED = "hold:expired"
    HOLD_RELEASED = "hold:released"
    STAY_PLANNED = "stay:planned"
    ARRIVED = "stay:arrived"
    STAY_BLOCKED = "stay:blocked"
    STAY_ENDED = "stay:ended"
    REGISTRATIONS_SEARCHED = "registration:searched"
    LEGAL_HOLD_ASKED = "legal_hold:asked"
    LEGAL_HOLD_GRANTED = "legal_hold:granted"
    LEGAL_HOLD_REFUSED = "legal_hold:refused"
    LEGAL_HOLD_LIFT_ASKED = "legal_hold:lift_asked"
    LEGAL_HOLD_LIFTED = "legal_hold:lifted"
    LEGAL_HOLD_KEPT = "legal_hold:kept"
    ERASED = "retention:erased"
    UNUSED_KEYS_REMOVED = "keys:unused_removed"
    KEYS_ROTATED = "keys:rotated"
    KEYS_RETIRED = "keys:retired"


def write(
    act: Act, event: Event, *, registration: str | None = None, subject: str | None = None, **facts: object
) -> None:
    """Facts are codes, ids and figures; never a free text, a place or anything that says who somebody is."""
    act.session.add(
        AuditEvent(
            at=act.at,
            event=event.value,
            actor=act.actor.id,
            role=act.actor.role,
            registration_id=registration,
            object_id=subject,
            facts=facts,
        )
    )
