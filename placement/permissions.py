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
    REGISTRATION_SEARCH = "registration:search"
    LEGAL_HOLD_READ = "legal_hold:read"
    LEGAL_HOLD_ASK = "legal_hold:ask"
    LEGAL_HOLD_ANSWER = "legal_hold:answer"
    LEGAL_HOLD_LIFT = "legal_hold:lift"
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
    VOCABULARY_READ = "vocabulary:read"


_PLACERS = frozenset({Role.DESK, Role.COORDINATOR})
_SHELTERS = frozenset({Role.SHELTER, Role.SHELTER_STAFF})
_EVERYONE = frozenset(Role) - {Role.SYSTEM}

GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.CAPACITY_READ: _SHELTERS,
    Permission.CAPACITY_REPORT: _SHELTERS,
    Permission.PROFILE_READ: _SHELTERS,
    Permission.PROFILE_CHANGE: _SHELTERS,
    Permission.COUNTRY_READ: _PLACERS,
    Permission.REGISTRATION_READ: _PLACERS,
    Permission.REGISTRATION_CHANGE: _PLACERS,
    Permission.REGISTRATION_SEARCH: _PLACERS,
    Permission.LEGAL_HOLD_READ: frozenset({Role.DESK}),
    Permission.LEGAL_HOLD_ASK: frozenset({Role.DESK}),
    Permission.LEGAL_HOLD_ANSWER: frozenset({Role.DESK}),
    Permission.LEGAL_HOLD_LIFT: frozenset({Role.DESK}),
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
    Permission.VOCABULARY_READ: _EVERYONE,
}


def require(actor: Actor, permission: Permission) -> None:
    """Raises `NotAllowed` unless the actor's role has the permission and the key's scope covers it."""
    if actor.role not in GRANTS.get(permission, frozenset()):
        raise NotAllowed("role_may_not", permission=permission.value)
    scope = "read" if permission.value.endswith(":read") else "write"
    if scope not in actor.scopes:
        raise NotAllowed("key_may_not", scope=scope)
