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
    INVITED = "account:invited"
    INVITATION_WITHDRAWN = "account:invitation_withdrawn"
    JOINED = "account:joined"
    ACCOUNT_CHANGED = "account:changed"
    ACCOUNT_DISABLED = "account:disabled"
    ACCOUNT_ENABLED = "account:enabled"
    ORGANISATION_MADE = "organisation:made"
    SIGN_IN_REFUSED = "sign_in:refused"
    SESSION_BEGAN = "session:began"
    SESSION_ENDED = "session:ended"
    SECOND_FACTOR_GIVEN = "session:verified"
    SECOND_FACTOR_REFUSED = "session:not_verified"
    RECOVERY_CODE_USED = "account:recovery_code_used"
    KEY_MADE = "key:made"
    KEY_REVOKED = "key:revoked"


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
