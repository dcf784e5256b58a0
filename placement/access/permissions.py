"""Access control: which role may do what, with which objects. Deny unless allowed: a role that is not in a row has no
permission, a permission without a row is denied.

Whether an object is the actor's own is decided where it is looked up (`scoped_queries.py`): another's object is not
found. Access to single fields: `field_permissions.py`. What the description of the API and `docs/guide/access.md` say
of rights is made from these two.
"""

from collections.abc import Mapping
from enum import StrEnum

from placement.core.codes import Role
from placement.core.context import Actor
from placement.core.errors import NotAllowed


class Reach(StrEnum):
    """The objects that a permission covers; all others do not exist for the actor."""

    OWN = "own"
    OPENED = "opened"  # one's own, and another's with an access grant (`registrations/break_glass.py`)
    NIGHT = "night"  # another's, by break-glass at night
    ALL = "all"


class Permission(StrEnum):
    """`subject:act`. A permission that ends in `:read` needs an API key with the scope `read`, all others one with
    `write`.
    """

    CAPACITY_READ = "capacity:read"
    CAPACITY_REPORT = "capacity:report"
    PROFILE_READ = "profile:read"
    PROFILE_TRY = "profile:try"
    PROFILE_CHANGE = "profile:change"
    COUNTRY_READ = "country:read"
    REGISTRATIONS_READ = "registrations:read"
    REGISTRATION_READ = "registration:read"
    REGISTRATION_CHANGE = "registration:change"
    REGISTRATION_SEARCH = "registration:search"
    AVOIDANCE_LIFT = "avoidance:lift"
    LEGAL_HOLD_READ = "legal_hold:read"
    LEGAL_HOLD_ASK = "legal_hold:ask"
    LEGAL_HOLD_ANSWER = "legal_hold:answer"
    LEGAL_HOLD_LIFT = "legal_hold:lift"
    RETENTION_READ = "retention:read"
    REGISTRATION_OPEN = "registration:open"
    ADDRESS_DISCLOSE = "address:reveal"
    PROPOSAL_READ = "proposal:read"
    PROPOSAL_MAKE = "proposal:make"
    PROPOSAL_DECIDE = "proposal:decide"
    DECISION_CONFIRM = "decision:confirm"
    DECISION_READ = "decision:read"
    HOLD_READ = "hold:read"
    HOLD_ANSWER = "hold:answer"
    HOLD_ARRIVE = "hold:arrive"
    HOLD_RELEASE = "hold:release"
    STAY_READ = "stay:read"
    STAY_BLOCK = "stay:block"
    STAY_END = "stay:end"
    AUDIT_READ = "audit:read"
    ACCESS_READ = "access:read"
    REVIEW_READ = "review:read"
    REVIEW_ACKNOWLEDGE = "review:tick"
    VOCABULARY_READ = "vocabulary:read"
    SESSION_READ = "session:read"
    SESSION_END = "session:end"
    SESSION_VERIFY = "session:verify"
    KEY_READ = "key:read"
    KEY_MAKE = "key:make"
    KEY_REVOKE = "key:revoke"
    ACCOUNT_READ = "account:read"
    ACCOUNT_INVITE = "account:invite"
    ACCOUNT_CHANGE = "account:change"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_MAKE = "organisation:make"
    POLICY_READ = "policy:read"
    POLICY_CHANGE = "policy:change"
    POLICY_TRY = "policy:try"
    POLICY_TRY_CASES = "policy:try_cases"
    MESSAGES_READ = "messages:read"
    MESSAGE_RETRY = "message:retry"
    SUBSCRIPTION_READ = "subscription:read"
    SUBSCRIPTION_CHANGE = "subscription:change"
    REMINDERS_READ = "reminders:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOK_CHANGE = "webhook:change"
    WEBHOOK_DISABLE = "webhook:disable"
    REPORTS_READ = "reports:read"
    REPORT_READ = "report:read"


_PLACERS = frozenset({Role.DESK, Role.COORDINATOR})
_SHELTERS = frozenset({Role.SHELTER, Role.SHELTER_STAFF})
_REVIEWERS = frozenset({Role.AUDITOR, Role.DESK})
_EVERYONE = frozenset(Role) - {Role.SYSTEM}
_PEOPLE = _EVERYONE - {Role.SHELTER}
_ADMINS = frozenset({Role.ADMIN})
_SENDERS = frozenset({Role.ADMIN, Role.DESK})
_READERS = _PLACERS | _SHELTERS | {Role.READER}
_SUBSCRIBERS = _READERS - {Role.SHELTER}


def _each(reach: Reach, roles: frozenset[Role]) -> dict[Role, Reach]:
    return dict.fromkeys(roles, reach)


_OF_THE_SHELTER = _each(Reach.OWN, _SHELTERS)
_OF_THE_CASE = {Role.DESK: Reach.OPENED, Role.COORDINATOR: Reach.OWN}
_LISTED = {Role.DESK: Reach.ALL, Role.COORDINATOR: Reach.OWN}
_CARED_FOR = {**_LISTED, **_OF_THE_SHELTER}
_READ_OF_A_SHELTER = {**_OF_THE_SHELTER, Role.DESK: Reach.ALL}
_ONES_OWN = _each(Reach.OWN, _PEOPLE)
_FOR_THE_DESK = {Role.DESK: Reach.ALL}
_OF_SOFTWARE = {Role.SHELTER_STAFF: Reach.OWN, Role.ADMIN: Reach.ALL}
_FOR_ADMINS = _each(Reach.ALL, _ADMINS)

GRANTS: dict[Permission, Mapping[Role, Reach]] = {
    Permission.CAPACITY_READ: _READ_OF_A_SHELTER,
    Permission.CAPACITY_REPORT: _OF_THE_SHELTER,
    Permission.PROFILE_READ: _READ_OF_A_SHELTER,
    Permission.PROFILE_TRY: _READ_OF_A_SHELTER,
    Permission.PROFILE_CHANGE: _OF_THE_SHELTER,
    Permission.COUNTRY_READ: _each(Reach.ALL, _PLACERS),
    Permission.REGISTRATIONS_READ: _LISTED,
    Permission.REGISTRATION_READ: _each(Reach.OPENED, _PLACERS),
    Permission.REGISTRATION_CHANGE: _OF_THE_CASE,
    Permission.REGISTRATION_SEARCH: _LISTED,
    Permission.AVOIDANCE_LIFT: _OF_THE_CASE,
    Permission.LEGAL_HOLD_READ: _FOR_THE_DESK,
    Permission.LEGAL_HOLD_ASK: _FOR_THE_DESK,
    Permission.LEGAL_HOLD_ANSWER: _FOR_THE_DESK,
    Permission.LEGAL_HOLD_LIFT: _FOR_THE_DESK,
    Permission.RETENTION_READ: _each(Reach.ALL, _ADMINS | _REVIEWERS),
    Permission.REGISTRATION_OPEN: {Role.DESK: Reach.ALL, Role.COORDINATOR: Reach.NIGHT},
    Permission.ADDRESS_DISCLOSE: _OF_THE_CASE,
    Permission.PROPOSAL_READ: _OF_THE_CASE,
    Permission.PROPOSAL_MAKE: _OF_THE_CASE,
    Permission.PROPOSAL_DECIDE: _OF_THE_CASE,
    Permission.DECISION_READ: _LISTED,
    Permission.DECISION_CONFIRM: {Role.DESK: Reach.ALL},
    Permission.HOLD_READ: _CARED_FOR,
    Permission.HOLD_ANSWER: {Role.SHELTER_STAFF: Reach.OWN},  # the shelter's staff answers for the shelter
    Permission.HOLD_ARRIVE: _CARED_FOR,
    Permission.HOLD_RELEASE: _LISTED,
    Permission.STAY_READ: _CARED_FOR,
    Permission.STAY_BLOCK: _CARED_FOR,
    Permission.STAY_END: _CARED_FOR,
    Permission.AUDIT_READ: {Role.AUDITOR: Reach.ALL},
    Permission.ACCESS_READ: _each(Reach.ALL, _REVIEWERS),
    Permission.REVIEW_READ: _each(Reach.ALL, _REVIEWERS),
    Permission.REVIEW_ACKNOWLEDGE: _each(Reach.ALL, _REVIEWERS),  # never the user it is about: `anomaly_review.tick`
    Permission.VOCABULARY_READ: _each(Reach.ALL, _EVERYONE),
    Permission.SESSION_READ: _each(Reach.OWN, _EVERYONE),
    Permission.SESSION_END: _ONES_OWN,
    Permission.SESSION_VERIFY: _ONES_OWN,
    Permission.KEY_READ: _ONES_OWN,
    Permission.KEY_MAKE: _ONES_OWN,
    Permission.KEY_REVOKE: _ONES_OWN,
    Permission.ACCOUNT_READ: _FOR_ADMINS,
    Permission.ACCOUNT_INVITE: _FOR_ADMINS,
    Permission.ACCOUNT_CHANGE: _FOR_ADMINS,
    Permission.ORGANISATION_READ: _FOR_ADMINS,
    Permission.ORGANISATION_MAKE: _FOR_ADMINS,
    Permission.POLICY_READ: _each(Reach.ALL, _ADMINS | _REVIEWERS),
    Permission.POLICY_CHANGE: _FOR_ADMINS,
    Permission.POLICY_TRY: _each(Reach.ALL, _ADMINS | {Role.DESK}),
    Permission.POLICY_TRY_CASES: _FOR_THE_DESK,  # an admin sees counts, never cases
    Permission.MESSAGES_READ: _each(Reach.ALL, _SENDERS),
    Permission.MESSAGE_RETRY: _each(Reach.ALL, _SENDERS),
    Permission.SUBSCRIPTION_READ: _each(Reach.OWN, _SUBSCRIBERS),
    Permission.SUBSCRIPTION_CHANGE: _each(Reach.OWN, _SUBSCRIBERS),
    Permission.REMINDERS_READ: _CARED_FOR,
    Permission.WEBHOOKS_READ: _OF_SOFTWARE,
    Permission.WEBHOOK_CHANGE: _each(Reach.OWN, frozenset(_OF_SOFTWARE)),  # its secret would allow forged events
    Permission.WEBHOOK_DISABLE: _OF_SOFTWARE,
    # places in the report, beside the totals of the country: all, the user's regions, the own shelter, or none
    Permission.REPORTS_READ: _each(Reach.ALL, _READERS),
    Permission.REPORT_READ: {Role.DESK: Reach.ALL, **_each(Reach.OWN, _READERS - {Role.DESK})},
}

SIGNED_IN_ONLY = frozenset(
    {
        Permission.PROPOSAL_DECIDE,
        Permission.DECISION_CONFIRM,
        Permission.HOLD_ANSWER,
        Permission.REGISTRATION_OPEN,
        Permission.ADDRESS_DISCLOSE,
        Permission.AVOIDANCE_LIFT,
        Permission.LEGAL_HOLD_ASK,
        Permission.LEGAL_HOLD_ANSWER,
        Permission.LEGAL_HOLD_LIFT,
        Permission.REVIEW_ACKNOWLEDGE,
        Permission.SESSION_END,
        Permission.SESSION_VERIFY,
        Permission.KEY_MAKE,
        Permission.KEY_REVOKE,
        Permission.ACCOUNT_INVITE,
        Permission.ACCOUNT_CHANGE,
        Permission.ORGANISATION_MAKE,
        Permission.POLICY_CHANGE,
        Permission.WEBHOOK_CHANGE,
        Permission.WEBHOOK_DISABLE,
    }
)
"""Permissions that an API key never has. Placement decisions, second approvals, access to a case and address disclosure
are acts of a person, never of a program. And a stolen key must not make another key that outlives it, invite or disable
an account, nor stand for one of two approvers.
"""


def require(actor: Actor, permission: Permission) -> None:
    """Raises `NotAllowed` unless the actor's role has the permission, and the session or key covers it."""
    if actor.role not in GRANTS.get(permission, {}):
        raise NotAllowed("role_may_not", permission=permission.value)
    scope = "read" if permission.value.endswith(":read") else "write"
    if scope not in actor.scopes:
        raise NotAllowed("key_may_not", scope=scope)
    if permission in SIGNED_IN_ONLY and actor.session_id is None:
        raise NotAllowed("sign_in_needed")
