"""The audit log: every act and every read access has its audit event in its own transaction, or does not happen.

An audit event has the fields of NEN 7513. How changes to the log are detected: `placement/storage/hash_chain.py`.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from placement.access.permissions import Permission
from placement.core.codes import Action, CodeWithFacts, Outcome
from placement.core.context import Act, Actor, Origin
from placement.storage import hash_chain, log_keys
from placement.tables import AuditEvent
from placement.tables.audit import AuditContent


class Event(CodeWithFacts):
    """`subject:act`, a closed list: its code, the action of NEN 7513 (a change unless stated), and how it ends."""

    def __init__(self, _: str, action: Action = Action.CHANGE, outcome: Outcome = Outcome.DONE) -> None:
        self.action, self.outcome = action, outcome

    TOKEN_ISSUED = "token:issued", Action.SIGN_IN
    CAPACITY_REPORTED = "capacity:reported"
    CAPACITY_CORRECTED = "capacity:corrected"
    CONFIRMATION_ASKED = "capacity:confirmation_asked"
    PLACE_MADE = "place:made"
    PLACE_CHANGED = "place:changed"
    PLACE_OPENED = "place:opened"
    PLACE_MOVED = "place:moved"
    PLACE_CLOSING = "place:closing"
    PLACE_CLOSED = "place:closed"
    PLACE_REOPENED = "place:reopened"
    IMPORT_BEGUN = "import:begun"
    IMPORT_ANSWERED = "import:answered"
    IMPORT_ENDED = "import:ended"
    IMPORTED = "register:imported"
    IMPORT_TAKEN_BACK = "import:taken_back"
    IMPORTS_LISTED = "import:listed", Action.SEARCH
    IMPORT_TRIED = "register:import_tried", Action.READ
    ADDRESS_SET = "address:set"
    PROFILE_CHANGED = "profile:changed"
    PROFILE_QUESTIONED = "profile:questioned"
    REGISTERED = "registration:made"
    REGISTRATION_RECEIVED = "registration:received"
    REGISTRATION_ACCEPTED = "registration:accepted"
    SENT_LISTED = "sent:listed", Action.SEARCH
    SENT_READ = "sent:read", Action.READ
    SENT_DRAFT_CHANGED = "sent:draft_changed"
    SENT_MESSAGE_WRITTEN = "sent:message_written"
    SENT_MESSAGES_READ = "sent:messages_read"
    SENT_QUESTION_WITHDRAWN = "sent:question_withdrawn"
    REGISTRANT_RUNG = "registrant:rung"
    FORM_LINK_MADE = "form_link:made"
    FORM_LINK_OPENED = "form_link:opened"
    TAKEN_OVER = "registration:taken_over"
    REGISTRATION_CHANGED = "registration:changed"
    CLOSING_REVERSED = "registration:closing_reversed"
    REGISTRATION_REOPENED = "registration:reopened"
    REGISTRATION_CLOSED = "registration:closed"
    CLIENT_MISSING = "client:missing"
    CLIENT_INFORMED = "whereabouts:informed"
    CLIENT_LOOKED_FOR = "whereabouts:looked"
    SEARCH_ENDED = "whereabouts:ended"
    SEARCH_CLOSING_ASKED = "whereabouts:closing_asked"
    SEARCH_CLOSING_REFUSED = "whereabouts:closing_refused"
    WHEREABOUTS_READ = "whereabouts:read", Action.READ
    REQUESTED = "request:made"
    REQUESTS_READ = "request:listed", Action.READ
    REQUEST_WITHDRAWN = "request:withdrawn"
    REGISTRATION_LINKED = "registration:linked"
    REGISTRATION_MERGED = "registration:merged"
    HISTORY_READ = "history:read", Action.READ
    HISTORY_ERASED = "history:erased"
    TIMELINE_READ = "timeline:read", Action.READ
    AVOIDANCE_SET = "avoidance:set"
    AVOIDANCE_LIFTED = "avoidance:lifted"
    PROPOSED = "proposal:made"
    PROPOSAL_SUPERSEDED = "proposal:superseded"
    PROPOSAL_EXPIRED = "proposal:expired"
    DECIDED = "decision:made"
    DECISION_CONFIRMED = "decision:confirmed"
    DECISION_REFUSED = "decision:refused"
    DECISION_LAPSED = "decision:lapsed"
    DECISION_WITHDRAWN = "decision:withdrawn"
    OVERRIDE_LOOKED_AT = "override:looked_at"
    HELD = "hold:made"
    HOLD_ASKED = "hold:asked"
    HOLD_CONFIRMED = "hold:confirmed"
    HOLD_REFUSED = "hold:refused"
    HOLD_EXPIRED = "hold:expired"
    HOLD_RELEASED = "hold:released"
    ARRIVAL_POSTPONED = "arrival:postponed"
    NO_SHOW_REVERSED = "no_show:reversed"
    ARRIVAL_REVERSED = "arrival:reversed"
    STAY_PLANNED = "stay:planned"
    ARRIVED = "stay:arrived"
    RETURNED = "stay:returned"
    STAY_BLOCKED = "stay:blocked"
    STAY_ENDED = "stay:ended"
    STAY_END_REVERSED = "stay:end_reversed"
    STAY_MOVED = "stay:moved"
    LEGAL_HOLD_GRANTED = "legal_hold:granted"
    LEGAL_HOLD_LIFTED = "legal_hold:lifted"
    LEGAL_HOLD_KEPT = "legal_hold:kept"
    # requests that a second person answers
    SECOND_PERSON_ASKED = "second_person:asked"
    SECOND_PERSON_GRANTED = "second_person:granted"
    SECOND_PERSON_REFUSED = "second_person:refused"
    SECOND_PERSON_WITHDRAWN = "second_person:withdrawn"
    SECOND_PERSON_LAPSED = "second_person:lapsed"
    SECOND_PERSON_LISTED = "second_person:listed", Action.SEARCH
    SECOND_PERSON_READ = "second_person:read", Action.READ
    # leaving the service
    PEOPLE_EXPORTED = "people:exported", Action.EXPORT
    DESTRUCTION_BEGUN = "destruction:begun"
    KEYS_DESTROYED = "destruction:keys"
    DESTRUCTION_DONE = "destruction:done"
    # retention and keys
    ERASED = "retention:erased"
    UNUSED_KEYS_REMOVED = "keys:unused_removed"
    KEYS_ROTATED = "keys:rotated"
    KEYS_RETIRED = "keys:retired"
    KEYS_MOVED = "keys:moved"
    ENCRYPTION_KEYS_LISTED = "keys:listed", Action.SEARCH
    # the daily report
    REPORT_MADE = "report:made"
    REPORT_CORRECTED = "report:corrected"
    REPORT_READ = "report:read", Action.READ
    REPORTS_LISTED = "report:listed", Action.SEARCH
    # read access
    CAPACITY_READ = "capacity:read", Action.READ
    REGISTER_EXPORTED = "register:exported", Action.EXPORT
    REGISTER_READ = "register:read", Action.READ
    REGISTER_LISTED = "register:listed", Action.SEARCH
    PROFILE_READ = "profile:read", Action.READ
    PROFILE_TRIED = "profile:tried", Action.READ
    COUNTRY_READ = "country:read", Action.READ
    REGISTRATION_READ = "registration:read", Action.READ
    REGISTRATIONS_LISTED = "registration:listed", Action.SEARCH
    REGISTRATIONS_SEARCHED = "registration:searched", Action.SEARCH
    ALIKE_SOUGHT = "registration:alike_sought", Action.SEARCH
    LEGAL_HOLD_READ = "legal_hold:read", Action.READ
    LEGAL_HOLDS_LISTED = "legal_hold:listed", Action.SEARCH
    RETENTION_READ = "retention:read", Action.READ
    PROPOSAL_READ = "proposal:read", Action.READ
    DECISION_READ = "decision:read", Action.READ
    DECISIONS_LISTED = "decision:listed", Action.SEARCH
    HOLD_READ = "hold:read", Action.READ
    HOLDS_LISTED = "hold:listed", Action.SEARCH
    STAYS_LISTED = "stay:listed", Action.SEARCH
    ANSWER_REPEATED = "answer:repeated", Action.READ
    ACCESSES_READ = "access:read", Action.SEARCH
    LOG_SEARCHED = "log:searched", Action.SEARCH
    CHAIN_READ = "log:chain_read", Action.READ
    REVIEW_LISTED = "review:listed", Action.SEARCH
    PAGE_SHOWN = "page:shown", Action.READ
    ADDRESS_READ = "address:read", Action.READ
    # access grants (break-glass)
    OPENED_WITH_REASON = "registration:opened", Action.READ
    GLASS_BROKEN = "registration:glass_broken", Action.READ
    OPENED_BY_TASK = "registration:opened_by_task", Action.READ
    # address disclosure
    PROBLEM_EXPORTED = "problem:exported", Action.EXPORT
    # accounts and rights
    ACCESS_REFUSED = "access:refused"
    REQUEST_REFUSED = "request:refused"
    RIGHTS_GRANTED = "rights:granted"
    SETTINGS_CHANGED = "settings:changed"
    STORE_RECORDED = "store:recorded"
    STORE_RESTORED = "store:restored"
    # rows that open something
    DOUBT_READ = "doubt:read", Action.READ
    DOUBT_RELEASED_TONIGHT = "doubt:released_tonight"
    ROWS_CHANGED = hash_chain.ROWS_CHANGED
    ROWS_RESTATED = "rows:restated"
    ROWS_DIFFER = "rows:differ", Action.CHANGE, Outcome.REFUSED
    SEAL_BROKEN = "rows:seal_broken", Action.CHANGE, Outcome.REFUSED
    # the log itself
    LOG_KEY_CLOSED = log_keys.KEY_CLOSED
    LOG_KEY_OPENED = log_keys.KEY_OPENED
    LOG_TRUNCATED = hash_chain.LOG_TRUNCATED
    LOG_RESEALED = hash_chain.LOG_RESEALED
    POLICY_CHANGED = "policy:changed"
    POLICY_READ = "policy:read", Action.READ
    POLICY_TRIED = "policy:tried", Action.READ
    # areas, municipalities and registrants' units
    AREAS_CHANGED = "areas:changed"
    MUNICIPALITIES_LISTED = "areas:list_taken_over"
    MUNICIPALITIES_TRIED = "areas:list_tried", Action.READ
    # dated rules
    RULES_TRIED = "rules:tried", Action.READ
    RULE_CHANGE_GRANTED = "rule_change:granted"
    # anomalies
    ANOMALY_FOUND = "review:found"
    ANOMALY_ACKNOWLEDGED = "review:ticked"
    # sign-in
    INVITED = "account:invited"
    INVITED_AGAIN = "account:invited_again"
    INVITATION_WITHDRAWN = "account:invitation_withdrawn"
    JOINED = "account:joined"
    ACCOUNT_CHANGED = "account:changed"
    ACCOUNT_DISABLED = "account:disabled"
    ACCOUNT_ENABLED = "account:enabled"
    DETAILS_CHANGED = "account:details_changed"
    ABSENCE_NAMED = "absence:named"
    ABSENCE_WITHDRAWN = "absence:withdrawn"
    ON_CALL_NAMED = "on_call:named"
    ON_CALL_WITHDRAWN = "on_call:withdrawn"
    ON_CALL_LISTED = "on_call:listed", Action.SEARCH
    MANDATE_GIVEN = "mandate:given"
    MANDATE_REVOKED = "mandate:revoked"
    MANDATE_USED = "mandate:used"
    MANDATES_LISTED = "mandate:listed", Action.SEARCH
    SHEET_MADE = "sheet:made", Action.EXPORT
    ABSENCES_LISTED = "absence:listed", Action.SEARCH
    ORGANISATION_MADE = "organisation:made"
    ORGANISATION_CHANGED = "organisation:changed"
    # by telephone
    NUMBERS_READ = "shelter_telephones:read", Action.READ
    NUMBERS_CHANGED = "shelter_telephones:changed"
    NUMBER_CONFIRMED = "shelter_telephones:confirmed"
    TELEPHONE_ENTERED = "telephone:entered"
    TELEPHONE_LISTED = "telephone:listed", Action.SEARCH
    TELEPHONE_AGREED = "telephone:agreed"
    TELEPHONE_RUNG_BACK = "telephone:rung_back"
    TELEPHONE_CONTRADICTED = "telephone:contradicted"
    TELEPHONE_SETTLED = "telephone:settled"
    SIGN_IN_REFUSED = "sign_in:refused", Action.SIGN_IN, Outcome.REFUSED
    SESSION_BEGAN = "session:began", Action.SIGN_IN
    SESSION_ENDED = "session:ended", Action.SIGN_IN
    SECOND_FACTOR_GIVEN = "session:verified", Action.SIGN_IN
    SECOND_FACTOR_REFUSED = "session:not_verified", Action.SIGN_IN, Outcome.REFUSED
    PASSKEY_MADE = "passkey:made"
    PASSKEY_REMOVED = "passkey:removed"
    PASSKEY_COPIED = "passkey:copied", Action.SIGN_IN, Outcome.REFUSED
    RECOVERY_CODES_RENEWED = "account:recovery_codes_renewed"
    PASSWORD_CHANGED = "account:password_changed"  # noqa: S105  (an event's name)
    PASSWORD_REFUSED = "account:password_refused", Action.SIGN_IN, Outcome.REFUSED
    RECOVERY_CODE_USED = "account:recovery_code_used", Action.SIGN_IN
    KEY_MADE = "key:made"
    KEY_REVOKED = "key:revoked"
    ACCOUNT_READ = "account:read", Action.READ
    ACCOUNTS_LISTED = "account:listed", Action.SEARCH
    ORGANISATION_READ = "organisation:read", Action.READ
    ORGANISATIONS_LISTED = "organisation:listed", Action.SEARCH
    INVITATIONS_LISTED = "account:invitations_listed", Action.SEARCH
    KEYS_LISTED = "key:listed", Action.SEARCH
    # outgoing messages
    MESSAGE_FAILED = "message:failed"
    MESSAGE_RETRIED = "message:retried"
    SUBSCRIBED = "subscription:changed"
    REMINDED = "reminder:made"
    TASK_RUNG = "task:rung"
    DEVICE_ALLOWED = "push_device:allowed"
    DEVICE_REMOVED = "push_device:removed"
    WEBHOOK_MADE = "webhook:made"
    WEBHOOK_SECRET_ROTATED = "webhook:secret_rotated"  # noqa: S105  (an event's name)
    WEBHOOK_DISABLED = "webhook:disabled"
    WEBHOOK_ENABLED = "webhook:enabled"
    WEBHOOK_TRIED = "webhook:tried"
    MESSAGES_LISTED = "message:listed", Action.SEARCH
    SUBSCRIPTION_READ = "subscription:read", Action.READ
    REMINDERS_LISTED = "reminder:listed", Action.SEARCH
    TASKS_LISTED = "task:listed", Action.SEARCH
    WEBHOOKS_LISTED = "webhook:listed", Action.SEARCH
    WEBHOOK_READ = "webhook:read", Action.READ


NOBODY = "unknown"
"""The user of an audit event before sign-in."""

# The shapes of our ids: an id made up by the caller is not written into the log, it could be a name.
_ID = re.compile(r"[A-Z](-[2-9A-HJKMNP-TV-Z]{4}){3}|[A-Z]\d{1,4}(-[A-Z]\d{1,4}){0,3}")


class NoAuditEvent(Exception):
    """A programming error: a response was about to be sent, or an act done, without an audit event."""


def write(
    act: Act,
    event: Event,
    *,
    registration: str | None = None,
    subject: str | None = None,
    shown: Iterable[str] | None = None,
    **facts: object,
) -> None:
    """Writes an audit event. Facts are codes, ids and figures; never free text, a place or anything that identifies a
    person.

    An audit event that names a registration names no unit, location or shelter: the log would show for years who lived
    where.

    What is entered afterwards has the moment at which it really happened (`happened_at`) beside that of the event.

    `shown`: the registrations in a list; for each of them the log can be searched for who had read access.
    """
    if shown is not None:
        facts["shown"] = sorted(set(shown))
    if act.happened_at is not None:
        facts["happened_at"] = act.happened_at.isoformat()
    what = event, event.action, event.outcome
    _gather(act.session, act.at, act.origin, act.actor, what, registration, subject, facts)


def refuse(
    session: Session,
    at: datetime,
    origin: Origin,
    actor: Actor | None,
    *,
    event: Event,
    action: Action,
    outcome: Outcome,
    registration: str | None = None,
    subject: str | None = None,
    **facts: object,
) -> None:
    """Writes the audit event of an act that is not permitted (`ACCESS_REFUSED`), or not possible now
    (`REQUEST_REFUSED`).

    `actor` is `None` before sign-in.

    It is stored in a transaction of its own, since the request's transaction was rolled back. Omits an id that does not
    have the form of our ids.
    """
    what = event, action, outcome
    _gather(session, at, origin, actor, what, id_alone(registration), id_alone(subject), facts)


def require_event(act: Act, permission: Permission | None) -> None:
    """Raises `NoAuditEvent` if a request under this permission wrote no audit event: then no response is sent."""
    if (permission is None or not permission.silent) and not hash_chain.gathered(act.session):
        raise NoAuditEvent(permission)


def case_of(session: Session) -> str | None:
    """The case that the audit events of this transaction are about."""
    return next((event.registration_id for event in hash_chain.gathered(session) if event.registration_id), None)


def _gather(  # noqa: PLR0917 - an audit event, whole
    session: Session,
    at: datetime,
    origin: Origin,
    actor: Actor | None,
    what: tuple[Event, Action, Outcome],
    registration: str | None,
    subject: str | None,
    facts: dict[str, object],
) -> None:
    event, action, outcome = what
    content = AuditContent(
        event=event.value,
        action=action,
        outcome=outcome,
        registration_id=registration,
        object_id=subject,
        facts=json.loads(json.dumps(facts)),  # as they are read back: a tuple is a list, a code a text
        actor=actor.id if actor else NOBODY,
        on_behalf_of=actor.on_behalf_of if actor else None,
        role=actor.role if actor else None,
        address=origin.address,
        protocol=origin.protocol,
        request_id=origin.request_id,
    )
    hash_chain.gather(session, AuditEvent(at=at).show(content))


def id_alone(given: str | None) -> str | None:
    """Returns an id from a caller if it has the form of our ids, else `None`: it could be a name."""
    return given if given is not None and _ID.fullmatch(given) else None
