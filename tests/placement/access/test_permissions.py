"""The permissions of each role: a complete table, and nothing by default."""

from itertools import product

import pytest

from placement.access.permissions import Permission, asks, require, roles_with_no_more_than
from placement.core.codes import Role
from placement.core.context import SYSTEM, Actor
from placement.core.errors import NotAllowed

EVERY = frozenset({"read", "write"})
OF_REGISTER = {
    Permission.PROVIDER_READ,
    Permission.REGISTER_READ,
    Permission.SHELTER_TELEPHONE_READ,
    Permission.ROOM_CHANGE,
    Permission.PROFILE_READ,
    Permission.AREAS_READ,
    Permission.SECOND_PERSON_READ,
    Permission.SECOND_PERSON_WITHDRAW,
    Permission.VOCABULARY_READ,
    Permission.SESSION_READ,
}
"""The operations that a key with the scope `register` does by itself."""
OF_SENDER = {Permission.SENT_SEND, Permission.SENT_READ, Permission.SENT_WRITE}
"""The operations of a key with the scope `registration:send`, and of no other key."""
OF_COUNTS = {Permission.COUNT_SEND, Permission.COUNT_CODES_READ}
"""The operations of a key with the scope `counts:send`. No other key sends counts."""
OF_REGISTRANT = {
    *OF_SENDER,
    *OF_COUNTS,
    Permission.SESSION_READ,
    Permission.SESSION_END,
    Permission.SESSION_VERIFY,
    Permission.PASSKEY_READ,
    Permission.PASSKEY_CHANGE,
    Permission.DETAILS_READ,
    Permission.DETAILS_CHANGE,
    Permission.KEY_READ,
    Permission.KEY_MAKE,
    Permission.KEY_REVOKE,
    Permission.CENTRE_READ,
    Permission.PRACTICE_READ,
    Permission.PRACTICE_PLAY,
}


def test_registrant_has_these_permissions_and_no_other():
    assert {one for one in Permission if Role.REGISTRANT in one.reach} == OF_REGISTRANT
    key = Actor("A", Role.REGISTRANT, scopes=frozenset({"registration:send"}))
    assert {one for one in Permission if refused_with(key, one) is None} == OF_SENDER


def test_registrar_has_these_permissions_and_no_other():
    of_oneself = {
        one for one in Permission if one.split(":")[0] in {"session", "passkey", "key", "details", "practice"}
    }
    counts = {Permission.COUNTS_READ, Permission.COUNT_READ, Permission.COUNT_CHANGE, Permission.COUNTS_IMPORT}
    theirs = {one for one in Permission if Role.REGISTRAR in one.reach}
    assert theirs == of_oneself | OF_COUNTS | counts | {Permission.CENTRE_READ, Permission.TASKS_READ}
    assert all(set(one.reach) == {Role.REGISTRAR} for one in counts - {Permission.COUNTS_READ})


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.REGISTRANT, Role.DESK, Role.COORDINATOR])
def test_key_with_the_scope_counts_send_does_nothing_else(role):
    key = Actor("A", role, scopes=frozenset({"counts:send"}))
    assert {one for one in Permission if refused_with(key, one) is None} == OF_COUNTS
    assert refused_with(Actor("A", role), Permission.COUNT_SEND) == "key_may_not"


def test_no_role_sees_both_count_records_and_cases():
    for role in Role:
        sees = {one for one in Permission if role in one.reach}
        assert not (Permission.COUNTS_READ in sees and Permission.REGISTRATIONS_READ in sees), role


def test_every_permission_is_granted_to_a_role():
    assert all(permission.reach for permission in Permission)


def test_the_system_has_no_permission_at_all():
    for permission in Permission:
        with pytest.raises(NotAllowed):
            require(SYSTEM, permission)


@pytest.mark.parametrize("permission", Permission)
def test_a_role_and_a_scope_are_both_needed(permission):
    needed = "read" if permission.endswith(":read") else "write"
    register = frozenset({"register"})
    for role, scopes in product(Role, (frozenset(), frozenset({"read"}), frozenset({"write"}), EVERY, register)):
        granted = role in permission.reach
        covered = needed in scopes or (permission in OF_REGISTER and scopes == register)
        code = None if granted and covered else "key_may_not" if granted else "role_may_not"
        assert refused_with(Actor("A", role, scopes=scopes, session_id="Z"), permission) == code, (role, scopes)


@pytest.mark.parametrize("permission", Permission)
def test_a_key_does_no_act_of_a_person(permission):
    for role in permission.reach:
        code = (
            "sign_in_needed"
            if permission.person_only
            else "key_may_not"
            if permission in OF_SENDER | {Permission.COUNT_SEND}
            else None
        )
        assert refused_with(Actor("A", role), permission) == code, role
        with_register = Actor("A", role, scopes=EVERY | {"register"})
        assert refused_with(with_register, permission) == (None if permission in OF_REGISTER else code), role
        assert refused_with(with_register, permission, can_ask=True) is None


def refused_with(actor, permission, **more):
    """Returns the code of the refusal; `None` if the actor has the permission."""
    try:
        require(actor, permission, **more)
    except NotAllowed as refused:
        return refused.code
    return None


def test_a_key_asks_only_with_the_scope_register():
    with_register = Actor("A", Role.SHELTER, scopes=EVERY | {"register"})
    assert asks(with_register, Permission.UNIT_CHANGE)
    assert not asks(with_register, Permission.PROFILE_CHANGE)
    assert not asks(with_register, Permission.ROOM_CHANGE)
    assert asks(Actor("A", Role.SHELTER, scopes=frozenset({"register"})), Permission.PROFILE_CHANGE)
    assert not any(asks(Actor("A", Role.SHELTER), permission) for permission in Permission)


def test_roles_with_no_more_than_some_subjects_are_found():
    assert roles_with_no_more_than() == set()
    assert roles_with_no_more_than("needs", "report", "reports", "subscription") == {Role.READER}
    of_an_admin = {one.split(":")[0] for one in Permission if Role.ADMIN in one.reach}
    assert roles_with_no_more_than(*of_an_admin) == {Role.ADMIN}
    assert roles_with_no_more_than(*of_an_admin - {"account"}) == set()


def test_admin_has_no_case_content_other_roles_no_accounts():
    about_accounts = {one for one in Permission if one.split(":")[0] in {"account", "organisation"}}
    about_accounts |= {one for one in Permission if one.split(":")[0] in {"encryption_keys", "rotation"}}
    of_oneself = {
        one
        for one in Permission
        if one.split(":")[0] in {"session", "passkey", "key", "details", "absence", "practice"}
    }
    of_everyone = of_oneself | {Permission.VOCABULARY_READ, Permission.CENTRE_READ, Permission.SET_UP_READ}
    what_goes_out = {one for one in Permission if one.split(":")[0] in {"message", "messages", "webhook", "webhooks"}}
    weights = {Permission.POLICY_READ, Permission.POLICY_CHANGE, Permission.POLICY_TRY}  # never whom they would move
    what_is_kept = {Permission.RETENTION_READ}  # how much of each kind, and for how long
    rules = {Permission.RULES_READ, Permission.AREAS_READ}  # which hold on which day: about no case
    a_file = {
        Permission.REGISTER_IMPORT,
        Permission.IMPORT_READ,
    }  # of accounts to invite: every other sheet is refused (`test_account_rows.py`)
    waits = {
        Permission.TASKS_READ,
        Permission.SECOND_PERSON_READ,
    }  # what is not set up, requests for a second admin; odd access for an auditor
    answers = {Permission.SECOND_PERSON_ANSWER, Permission.SECOND_PERSON_WITHDRAW}
    answers |= {Permission.DOUBT_READ, Permission.DOUBT_RELEASE}
    admins = waits | answers | about_accounts | of_everyone | what_goes_out | weights | what_is_kept | rules | a_file
    assert {one for one in Permission if Role.ADMIN in one.reach} == admins
    assert all(set(one.reach) == {Role.ADMIN} for one in about_accounts)
    the_report = {one for one in Permission if one.split(":")[0] in {"needs", "report", "reports", "subscription"}}
    assert {one for one in Permission if Role.READER in one.reach} == of_everyone | the_report
    about_the_log = {
        Permission.ACCESS_READ,
        Permission.TIMELINE_READ,
        *(one for one in Permission if one.startswith(("audit:", "review:"))),
    }
    read = about_the_log | what_is_kept | rules | {Permission.POLICY_READ}
    assert {one for one in Permission if Role.AUDITOR in one.reach} == of_everyone | read | waits | answers


def test_analyst_has_these_permissions_and_no_other():
    of_oneself = {
        one for one in Permission if one.split(":")[0] in {"session", "passkey", "key", "details", "practice"}
    }
    theirs = {one for one in Permission if Role.ANALYST in one.reach}
    counts = {Permission.COUNTS_READ, Permission.COUNT_CODES_READ}
    releases = {Permission.COUNT_RELEASES_READ, Permission.COUNT_RELEASE_ASK, Permission.TASKS_READ}
    releases |= {one for one in Permission if one.startswith("second_person:")}
    assert theirs == of_oneself | counts | releases | {
        Permission.CENTRE_READ,
        Permission.NEEDS_READ,
        Permission.ENQUIRY_FIGURES,
    }


def test_adviser_has_these_permissions_and_no_other():
    theirs = {one.value for one in Permission if Role.ADVISER in one.reach}
    assert theirs == {
        *("enquiry:read", "enquiry:write", "enquiry_figures:read", "entry:read", "entry:search", "entry:write"),
        *("tasks:read", "centre:read", "session:read", "session:end", "session:verify"),
        *("practice:read", "practice:play"),
        *("passkey:read", "passkey:change", "details:read", "details:change", "key:read", "key:make", "key:revoke"),
    }
    of_desk = {one.value for one in Permission if one.split(":")[0] in {"enquiry", "enquiry_figures", "entry"}}
    assert of_desk == {one for one in theirs if one.startswith(("enquiry", "entry"))}
    assert all(Role.DESK in Permission(one).reach for one in of_desk)


def test_permission_without_a_row_is_granted_to_no_role(monkeypatch):
    monkeypatch.setattr(Permission.HOLD_ARRIVE, "reach", {})
    with pytest.raises(NotAllowed):
        require(Actor("A", Role.DESK), Permission.HOLD_ARRIVE)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.DECISION_CONFIRM, {Role.DESK}),
        (Permission.HOLD_ANSWER, {Role.SHELTER_STAFF}),
        (Permission.CAPACITY_REPORT, {Role.SHELTER, Role.SHELTER_STAFF}),
        (Permission.PROPOSAL_DECIDE, {Role.DESK, Role.COORDINATOR}),
        (Permission.REGISTRATION_READ, {Role.DESK, Role.COORDINATOR}),
        (Permission.COUNTRY_READ, {Role.DESK, Role.COORDINATOR}),
    ],
)
def test_deciding_permissions_are_as_designed(permission, roles):
    assert set(permission.reach) == roles
