"""Who may do what: a complete table, and nobody by default."""

import pytest

from placement.acting import SYSTEM, Actor
from placement.errors import NotAllowed
from placement.permissions import GRANTS, Permission, require
from placement.vocabulary import Role

EVERY = frozenset({"read", "write"})


def test_every_permission_has_a_row_and_every_row_somebody():
    assert set(GRANTS) == set(Permission)
    assert all(GRANTS.values())


def test_the_system_has_no_permission_at_all():
    for permission in Permission:
        with pytest.raises(NotAllowed):
            require(SYSTEM, permission)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scopes", [frozenset(), frozenset({"read"}), frozenset({"write"}), EVERY], ids=sorted)
def test_a_role_and_a_scope_are_both_needed(permission, role, scopes):
    actor = Actor("A", role, scopes=scopes)
    needed = "read" if permission.endswith(":read") else "write"
    if role in GRANTS[permission] and needed in scopes:
        require(actor, permission)
        return
    with pytest.raises(NotAllowed) as refused:
        require(actor, permission)
    assert refused.value.code == ("key_may_not" if role in GRANTS[permission] else "role_may_not")


def test_a_permission_without_a_row_nobody_has(monkeypatch):
    monkeypatch.delitem(GRANTS, Permission.HOLD_ARRIVE)
    with pytest.raises(NotAllowed):
        require(Actor("A", Role.DESK), Permission.HOLD_ARRIVE)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.DECISION_CONFIRM, {Role.DESK}),
        (Permission.HOLD_ANSWER, {Role.SHELTER, Role.SHELTER_STAFF}),
        (Permission.CAPACITY_REPORT, {Role.SHELTER, Role.SHELTER_STAFF}),
        (Permission.PROPOSAL_DECIDE, {Role.DESK, Role.COORDINATOR}),
        (Permission.REGISTRATION_READ, {Role.DESK, Role.COORDINATOR}),
        (Permission.COUNTRY_READ, {Role.DESK, Role.COORDINATOR}),
    ],
)
def test_what_the_design_says_of_who_decides(permission, roles):
    assert GRANTS[permission] == roles
