"""Invitations: used once, in time, with the rights that an admin set; and how lost credentials are replaced."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts import account_changes, accounts, approvals, invitations, passwords, sessions
from placement.core.codes import OrganisationKind, Region, Role
from placement.core.context import SYSTEM, Act, Actor
from placement.core.errors import Conflict, Invalid, NotFound, Unauthenticated
from placement.tables import Account, Invitation
from tests.support.accounts import PASSWORD, Person, invited, organisation, person
from tests.support.audit_log import logged
from tests.support.stores import one_store
from tests.support.town import ADMIN, AT

EMAIL = "zij@placement.example"


def act_in(session, place, at=AT, actor=ADMIN):
    return Act(session, actor, at, place.settings)


def refused(place, token, at=AT):
    with pytest.raises(Unauthenticated) as error, place.database.transaction() as session:
        invitations.find(session, at, token)
    return error.value.code, error.value.facts


def test_invitation_is_used_once_with_the_rights_invited_to(empty):
    with empty.database.transaction() as session:
        where = organisation(session, AT, empty.settings, OrganisationKind.CARE_COORDINATION)
        made = invitations.invite(
            act_in(session, empty), "Zij@Placement.example", Role.COORDINATOR, [Region.LIMBURG], where
        )
    assert made.link == f"/invitation#{made.token}"
    client = Person(empty.database, empty.settings, AT, EMAIL)
    with empty.database.transaction() as session:
        client.totp_secret = invitations.choose_password(session, AT, made.token, PASSWORD).totp_secret
        assert session.exec(select(Account)).all() == []  # nothing is an account yet
    with empty.database.transaction() as session:
        joined = invitations.join(act_in(session, empty, actor=SYSTEM), made.token, client.code())
        assert len(joined.recovery_codes) == 10
    with empty.database.transaction() as session:
        account = accounts.with_email(session, EMAIL)
        assert (account.role, account.regions, account.organisation_id) == (Role.COORDINATOR, ["limburg"], where)
    assert passwords.is_right(account.password_hash, PASSWORD)
    assert refused(empty, made.token) == ("invitation_refused", {})
    client.sign_in()


@pytest.mark.parametrize(("hours", "open_still"), [(71.99, True), (72, False), (1000, False)])
@one_store
def test_an_invitation_lives_72_hours(empty, hours, open_still):
    token, later = invited(empty, AT), AT + timedelta(hours=hours)
    if open_still:
        with empty.database.transaction() as session:
            assert invitations.find(session, later, token).email == EMAIL
        return
    assert refused(empty, token, later) == ("invitation_refused", {})


@one_store
def test_unknown_withdrawn_or_replaced_token_is_refused_alike(empty):
    first = invited(empty, AT)
    second = invited(empty, AT)
    with empty.database.transaction() as session:
        [active] = session.exec(invitations.active(AT)).all()
        invitations.withdraw(act_in(session, empty), active.id)
        with pytest.raises(NotFound):
            invitations.withdraw(act_in(session, empty), active.id)
    assert {refused(empty, token)[0] for token in (first, second, "pli_nonsense", "")} == {"invitation_refused"}


@one_store
def test_invitation_asks_password_then_code_before_the_account(empty):
    token = invited(empty, AT)
    with pytest.raises(Invalid) as error, empty.database.transaction() as session:
        invitations.join(act_in(session, empty), token, "000000")
    assert error.value.faults[0].code == "password_first"
    with empty.database.transaction() as session:
        invitations.choose_password(session, AT, token, PASSWORD)
    with pytest.raises(Invalid) as error, empty.database.transaction() as session:
        invitations.join(act_in(session, empty), token, "000000")
    assert error.value.faults[0].code == "code_refused"
    with empty.database.transaction() as session:
        assert session.exec(select(Account)).all() == []


@pytest.mark.parametrize("password", ["short", "password1234", "zij-zij-zij"])
@one_store
def test_invitation_with_a_weak_password_is_refused(empty, password):
    token = invited(empty, AT)
    with pytest.raises(Invalid), empty.database.transaction() as session:
        invitations.choose_password(session, AT, token, password)


@pytest.mark.parametrize("email", ["zij", "zij@", "@placement.example", "a@b@c", "zij @placement.example", "zij\x00@x"])
@one_store
def test_invitation_to_an_invalid_email_is_refused(empty, email):
    with pytest.raises(Invalid) as error:
        invited(empty, AT, email)
    assert [(fault.field, fault.code) for fault in error.value.faults] == [("email", "not_an_email")]


@pytest.mark.parametrize(
    ("role", "regions", "kind", "fields"),
    [
        (Role.COORDINATOR, [], OrganisationKind.CARE_COORDINATION, ["regions"]),
        (Role.DESK, [Region.LIMBURG], OrganisationKind.COORDINATION_CENTRE, ["regions"]),
        (Role.DESK, [], OrganisationKind.CARE_COORDINATION, ["organisation"]),
        (Role.ADMIN, [], OrganisationKind.OVERSIGHT, ["organisation"]),
        (Role.SHELTER_STAFF, [], OrganisationKind.COORDINATION_CENTRE, ["organisation"]),
        (Role.COORDINATOR, [], OrganisationKind.OVERSIGHT, ["organisation", "regions"]),
        (Role.SHELTER, [], OrganisationKind.COORDINATION_CENTRE, ["role"]),
        (Role.SYSTEM, [], OrganisationKind.COORDINATION_CENTRE, ["role"]),
        (Role.DESK, [], None, ["organisation"]),
    ],
)
@one_store
def test_role_regions_and_organisation_must_fit(empty, role, regions, kind, fields):
    with empty.database.transaction() as session:
        where = organisation(session, AT, empty.settings, kind) if kind else "O-0"
    with pytest.raises(Invalid) as error, empty.database.transaction() as session:
        invitations.invite(act_in(session, empty), EMAIL, role, regions, where)
    assert sorted(fault.field for fault in error.value.faults) == fields


def test_staff_of_an_organisation_see_its_shelter(town):
    with town.database.transaction() as session:
        where = organisation(session, AT, town.settings, OrganisationKind.SHELTER, "S2")
        account = Account(
            id="A1", email=EMAIL, organisation_id=where, role=Role.SHELTER_STAFF, password_hash="", totp_secret=""
        )
        session.add(account)
        session.flush()
        assert sessions.actor_for(session, account, AT).shelter_id == "S2"
        with pytest.raises(Conflict):
            organisation(session, AT, town.settings, OrganisationKind.SHELTER, "S2")
        for shelter, kind in (
            (None, OrganisationKind.SHELTER),
            ("S9", OrganisationKind.SHELTER),
            ("S1", OrganisationKind.OVERSIGHT),
        ):
            with pytest.raises(Invalid):
                organisation(session, AT, town.settings, kind, shelter)


def test_reinvitation_revokes_credentials_and_keeps_the_account(empty):
    client = person(empty, AT)
    secret = client.sign_in().session
    with empty.database.transaction() as session:
        made = invitations.invite_again(act_in(session, empty, actor=SYSTEM), client.account)
    with pytest.raises(Unauthenticated), empty.database.transaction() as session:
        sessions.actor_of(session, client.at, empty.settings, secret)
    for code in (None, client.recovery_codes[0]):
        with pytest.raises(Unauthenticated):
            client.sign_in(code)
    with empty.database.transaction() as session:
        client.totp_secret = invitations.choose_password(session, client.at, made.token, PASSWORD + " 2").totp_secret
    with empty.database.transaction() as session:
        invitations.join(act_in(session, empty, client.at), made.token, client.code())
    client.sign_in(password=PASSWORD + " 2")
    with empty.database.transaction() as session:
        assert accounts.with_email(session, EMAIL).id == client.account


@one_store
def test_invitation_of_an_existing_or_own_account_is_refused(empty):
    client = person(empty, AT)
    with pytest.raises(Conflict) as error:
        invited(empty, AT, "ZIJ@placement.example")
    assert error.value.code == "account_exists"
    herself = Actor(client.account, Role.ADMIN, session_id="Z")
    verbs = [
        lambda act: invitations.invite_again(act, client.account),
        lambda act: approvals.to_invite_again(act, client.account),
        lambda act: account_changes.disable(act, client.account),
        lambda act: account_changes.change(act, client.account, {"role": Role.AUDITOR}),
        lambda act: approvals.to_change(act, client.account, {"role": Role.AUDITOR}),
    ]
    for verb in verbs:
        with pytest.raises(Conflict) as error, empty.database.transaction() as session:
            verb(act_in(session, empty, actor=herself))
        assert error.value.code == "not_oneself"


@one_store
def test_token_is_stored_as_fingerprint_and_totp_is_encrypted(empty):
    token = invited(empty, AT)
    with empty.database.transaction() as session:
        secret = invitations.choose_password(session, AT, token, PASSWORD).totp_secret
    with empty.database.transaction() as session:
        raw = repr(session.connection().exec_driver_sql("SELECT * FROM invitation").all())
        lines = repr([line.content for line in logged(session)])
        assert session.exec(select(Invitation)).one().totp_secret == secret
    assert token not in raw + lines
    assert secret not in raw
    assert EMAIL not in lines
