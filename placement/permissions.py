"""Who may do what. Deny unless allowed: a role that is not in a row may not, a permission without a row nobody has.

Whether an object is one's own is asked where it is looked up (`queries.py`): a foreign thing does not exist.
"""

from enum import StrEnum

from placement.acting import Actor
from placement.errors import NotAllowed
from placement.vocabulary import Role


class Permission(StrEnum):
    """`subject:act`; what ends in `:read` needs a key with the scope `read`, all else one with `write`."""

    CAPACITY_READ = "capacity:read"
    CAPACITY_REPORT = "capacity:report"
    PROFILE_READ = "profile:read"
    PROFILE_CHANGE = "profile:change"
    COUNTRY_READ = "country:read"
    REGISTRATION_READ = "registration:read"
    REGISTRATION_CHANGE = "registration:change"
    REGISTRATION_OPEN = "registration:open"
    ADDRESS_REVEAL = "address:reveal"
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
    REVIEW_TICK = "review:tick"
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


_PLACERS = frozenset({Role.DESK, Role.COORDINATOR})
_SHELTERS = frozenset({Role.SHELTER, Role.SHELTER_STAFF})
_REVIEWERS = frozenset({Role.AUDITOR, Role.DESK})
_EVERYONE = frozenset(Role) - {Role.SYSTEM}
_PEOPLE = _EVERYONE - {Role.SHELTER}
_ADMINS = frozenset({Role.ADMIN})

GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.CAPACITY_READ: _SHELTERS,
    Permission.CAPACITY_REPORT: _SHELTERS,
    Permission.PROFILE_READ: _SHELTERS,
    Permission.PROFILE_CHANGE: _SHELTERS,
    Permission.COUNTRY_READ: _PLACERS,
    Permission.REGISTRATION_READ: _PLACERS,
    Permission.REGISTRATION_CHANGE: _PLACERS,
    Permission.REGISTRATION_OPEN: _PLACERS,
    Permission.ADDRESS_REVEAL: _PLACERS,
    Permission.PROPOSAL_READ: _PLACERS,
    Permission.PROPOSAL_MAKE: _PLACERS,
    Permission.PROPOSAL_DECIDE: _PLACERS,
    Permission.DECISION_READ: _PLACERS,
    Permission.DECISION_CONFIRM: frozenset({Role.DESK}),
    Permission.HOLD_READ: _PLACERS | _SHELTERS,
    Permission.HOLD_ANSWER: _SHELTERS,  # the shelter always answers for itself
    Permission.HOLD_ARRIVE: _PLACERS | _SHELTERS,
    Permission.HOLD_RELEASE: _PLACERS,
    Permission.STAY_READ: _PLACERS | _SHELTERS,
    Permission.STAY_BLOCK: _PLACERS | _SHELTERS,
    Permission.STAY_END: _PLACERS | _SHELTERS,
    Permission.AUDIT_READ: frozenset({Role.AUDITOR}),
    Permission.ACCESS_READ: _REVIEWERS,
    Permission.REVIEW_READ: _REVIEWERS,
    Permission.REVIEW_TICK: _REVIEWERS,  # never who it is about: `reviewing.tick`
    Permission.VOCABULARY_READ: _EVERYONE,
    Permission.SESSION_READ: _EVERYONE,
    Permission.SESSION_END: _PEOPLE,
    Permission.SESSION_VERIFY: _PEOPLE,
    Permission.KEY_READ: _PEOPLE,
    Permission.KEY_MAKE: _PEOPLE,
    Permission.KEY_REVOKE: _PEOPLE,
    Permission.ACCOUNT_READ: _ADMINS,
    Permission.ACCOUNT_INVITE: _ADMINS,
    Permission.ACCOUNT_CHANGE: _ADMINS,
    Permission.ORGANISATION_READ: _ADMINS,
    Permission.ORGANISATION_MAKE: _ADMINS,
}

SIGNED_IN_ONLY = frozenset(
    {
        Permission.ADDRESS_REVEAL,
        Permission.SESSION_VERIFY,
        Permission.KEY_MAKE,
        Permission.ACCOUNT_INVITE,
        Permission.ACCOUNT_CHANGE,
        Permission.ORGANISATION_MAKE,
    }
)
"""Not with a key: one that was stolen must not make another that outlives it, let anybody in, nor show an address."""


def require(actor: Actor, permission: Permission) -> None:
    """Raises `NotAllowed` unless the actor's role has the permission, and what she came with covers it."""
    if actor.role not in GRANTS.get(permission, frozenset()):
        raise NotAllowed("role_may_not", permission=permission.value)
    scope = "read" if permission.value.endswith(":read") else "write"
    if scope not in actor.scopes:
        raise NotAllowed("key_may_not", scope=scope)
    if permission in SIGNED_IN_ONLY and actor.session_id is None:
        raise NotAllowed("sign_in_needed")
