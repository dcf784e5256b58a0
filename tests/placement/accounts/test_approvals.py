"""Approvals: one admin asks, another grants; and what an account made for others ends with the account."""

from dataclasses import replace

import pytest
from sqlmodel import select

from placement.accounts import account_changes, accounts, api_keys, approvals, invitations
from placement.accounts.sessions import actor_for
from placement.audit import anomaly_review
from placement.core.codes import MessageKind, OrganisationKind, ReviewOutcome, Role
from placement.core.context import SYSTEM, Act
from placement.core.errors import Conflict, Invalid, NotAllowed, Unauthenticated
from placement.outbox import webhooks
from placement.tables import Account, Anomaly, ApiKey, Webhook
from tests.support import second_person
from tests.support.accounts import PASSWORD, Person, organisation, person
from tests.support.messages import deliveries_in
from tests.support.stores import one_store
from tests.support.town import AT

pytestmark = one_store

HER = "zij@placement.example"


class Office:
    """Two admins that the machine of the service let in."""

    def __init__(self, place):
        self.place, self.at = place, AT
        self.one = person(place, AT, "one@placement.example", Role.ADMIN).account
        self.other = person(place, AT, "other@placement.example", Role.ADMIN).account
        with place.database.transaction() as session:
            self.centre = accounts.coordination_centre(Act(session, SYSTEM, AT, place.settings)).id

    def do(self, who, verb, *given, **named):
        with self.place.database.transaction() as session:
            actor = who if who is SYSTEM else actor_for(session, session.get_one(Account, who), self.at, session_id="Z")
            actor = replace(actor, verified_at=self.at)
            return verb(Act(session, actor, self.at, self.place.settings), *given, **named)

    def refused(self, who, asked):
        with pytest.raises(Conflict) as error:
            self.do(who, second_person.grant, asked.id)
        return error.value.code

    def ask(self, who=None, email=HER, role=Role.DESK):
        return self.do(who or self.one, approvals.to_invite, email, role, [], self.centre)

    def let_in(self, email=HER, role=Role.DESK, by=None, granted_by=None):
        """Invited by one admin, approved by the other, and joined: the new account."""
        made = self.do(granted_by or self.other, second_person.grant, self.ask(by, email, role).id).made
        return self.join(made, email).account

    def join(self, made, email=HER):
        client = Person(self.place.database, self.place.settings, self.at, email)
        with self.place.database.transaction() as session:
            client.totp_secret = invitations.choose_password(session, self.at, made.token, PASSWORD).totp_secret
        self.do(SYSTEM, invitations.join, made.token, client.code())
        with self.place.database.transaction() as session:
            client.account = accounts.with_email(session, email).id
        return client

    def account(self, account_id):
        with self.place.database.transaction() as session:
            return session.get_one(Account, account_id)


@pytest.fixture
def office(empty):
    return Office(empty)


@pytest.mark.wide
@pytest.mark.parametrize("role", [Role.DESK, Role.ADMIN, Role.AUDITOR, Role.READER])
def test_invitation_of_any_role_needs_a_second_admin(office, role):
    asked = office.ask(role=role)
    with office.place.database.transaction() as session:
        assert session.exec(invitations.active(AT)).all() == []
    assert office.refused(office.one, asked) == "second_person_needed"
    made = office.do(office.other, second_person.grant, asked.id).made
    office.join(made).sign_in()
    with pytest.raises(Conflict, match="asking_settled"):
        office.do(office.other, second_person.grant, asked.id)  # once


def test_approval_lapses_is_withdrawn_and_asked_anew(office):
    first, second = office.ask(), office.ask(role=Role.AUDITOR)
    with pytest.raises(Conflict, match="asking_settled"):
        office.do(office.other, second_person.grant, first.id)  # the second stands in its place
    assert office.do(office.other, second_person.waiting) == [second.id]
    office.at += office.place.settings.invitation_lifetime
    assert office.do(office.other, second_person.waiting) == []
    with pytest.raises(Conflict, match="asking_settled"):
        office.do(office.other, second_person.grant, second.id)
    third = office.ask()
    office.do(office.other, second_person.withdraw, third.id)
    for who in (office.one, office.other):
        with pytest.raises(Conflict, match="asking_settled"):
            office.do(who, second_person.grant, third.id)
        with pytest.raises(Conflict, match="asking_settled"):
            office.do(who, second_person.withdraw, third.id)


def test_admin_invited_by_the_requester_is_no_second_admin(office):
    puppet = office.let_in("puppet@placement.example", Role.ADMIN)
    assert office.refused(puppet, office.ask()) == "second_admin_let_in"
    by_puppet = office.ask(puppet)
    assert office.refused(office.one, by_puppet) == "second_admin_let_in"
    assert office.do(office.other, second_person.grant, by_puppet.id).made  # the approving admin reviews independently


def test_admin_promoted_by_the_requester_is_no_second_admin(office):
    third = person(office.place, AT, "third@placement.example").account
    asked = office.do(office.one, approvals.to_change, third, {"role": Role.ADMIN})
    assert office.account(third).role is Role.DESK
    office.do(office.other, second_person.grant, asked.id)
    assert office.account(third).role is Role.ADMIN
    assert office.refused(third, office.ask()) == "second_admin_let_in"


def test_approval_about_the_own_account_is_refused(office):
    asked = office.do(office.one, approvals.to_change, office.other, {"role": Role.DESK})
    assert office.refused(office.other, asked) == "not_oneself"


@pytest.mark.wide
def test_approval_of_a_disabled_admin_is_void(office):
    third = person(office.place, AT, "third@placement.example", Role.ADMIN).account
    asked = office.ask()
    made = office.do(office.other, second_person.grant, office.ask(email="new@placement.example").id).made
    office.do(third, account_changes.disable, office.one)
    with pytest.raises(Conflict, match="asking_settled"):
        office.do(office.other, second_person.grant, asked.id)
    with pytest.raises(Unauthenticated):
        office.join(made, "new@placement.example")


@pytest.mark.parametrize("facts", [{"disabled_at": AT}, {"role": Role.AUDITOR}])
def test_approval_is_void_once_the_requester_is_no_admin(office, facts):
    asked = office.ask()
    with office.place.database.transaction() as session:
        session.get_one(Account, office.one).sqlmodel_update(facts)
    assert office.refused(office.other, asked) == "asker_may_not"


@pytest.mark.wide
def test_invitation_by_command_needs_no_approval_and_is_reviewed(office):
    made = office.do(SYSTEM, invitations.invite, HER, Role.AUDITOR, [], office.centre)
    client = office.join(made).account
    office.do(SYSTEM, account_changes.change, client, {"role": Role.DESK})
    found = office_found(office)
    assert {"invited", "account_changed"} <= {one.rule for one in found}


def office_found(office):
    office.do(SYSTEM, anomaly_review.find_anomalies)
    with office.place.database.transaction() as session:
        return sorted(session.exec(select(Anomaly)), key=lambda one: (one.at, one.first_line))


def tick(office, who, oddity):
    return office.do(who, anomaly_review.acknowledge, oddity.id, ReviewOutcome.EXPLAINED, None)


@pytest.mark.wide
def test_review_list_has_changes_and_non_reader_invitations(office):
    before = len(office_found(office))
    office.let_in("reader@placement.example", Role.READER)
    assert len(office_found(office)) == before
    client = office.let_in()
    office.do(
        office.other,
        second_person.grant,
        office.do(office.one, approvals.to_change, client, {"role": Role.AUDITOR}).id,
    )
    assert [one.rule for one in office_found(office)[before:]] == ["invited", "account_changed"]


def role_of(office, account_id):
    with office.place.database.transaction() as session:
        return session.get_one(Account, account_id).role


@pytest.mark.wide
def test_review_by_the_subject_or_requester_is_refused(office):
    puppet = office.let_in("aud@placement.example", Role.AUDITOR)
    bystander = office.let_in(by=office.other, granted_by=office.one)
    asked = office.do(office.one, approvals.to_change, bystander, {"role": Role.AUDITOR})
    office.do(office.other, second_person.grant, asked.id)
    independent = person(office.place, AT, "third@placement.example").account
    found = office_found(office)
    [invited] = [one for one in found if one.rule == "invited" and one.actor == office.other]
    [change] = [one for one in found if one.rule == "account_changed"]
    near = [(puppet, invited), *((who, change) for who in (puppet, bystander, office.other, office.one))]
    for who, oddity in near:
        with pytest.raises(NotAllowed) as error:
            tick(office, who, oddity)
        expected = "about_yourself" if role_of(office, who) is Role.AUDITOR else "role_may_not"
        assert error.value.code == expected
    for oddity in (invited, change):
        assert tick(office, independent, oddity).ticked_by == independent


def test_review_of_the_own_command_line_invitation_is_refused(office):
    client = office.join(office.do(SYSTEM, invitations.invite, HER, Role.AUDITOR, [], office.centre)).account
    [found] = [one for one in office_found(office) if one.rule == "invited"][-1:]
    with pytest.raises(NotAllowed):
        tick(office, client, found)


class Staff:
    """Two people who work at shelter S1, the first with a key and a webhook for it; and a second shelter."""

    def __init__(self, town):
        self.office = Office(town)
        with town.database.transaction() as session:
            self.here, self.there = (
                organisation(session, AT, town.settings, OrganisationKind.SHELTER, shelter) for shelter in ("S1", "S2")
            )
        made = []
        for email in (HER, "colleague@placement.example"):
            invitation = self.office.do(SYSTEM, invitations.invite, email, Role.SHELTER_STAFF, [], self.here)
            made.append(self.office.join(invitation, email).account)
        self.staff_member, self.colleague = made
        self.key, _ = self.office.do(self.staff_member, api_keys.make, "S1", ["read"], 90)
        self.own_key, _ = self.office.do(self.staff_member, api_keys.make, None, ["read"], 90)
        self.office.do(self.staff_member, webhooks.make, "https://software.example/in", [MessageKind.HOLD_ASKED])

    def opens(self, key):
        try:
            with self.office.place.database.transaction() as session:
                api_keys.issue_token(session, self.office.at, self.office.place.settings, key)
        except Unauthenticated:
            return False
        return True

    def webhook(self):
        with self.office.place.database.transaction() as session:
            return session.exec(select(Webhook)).one()


@pytest.fixture
def staff(town):
    return Staff(town)


def leave(staff, how):
    if how == "disabled":
        staff.office.do(SYSTEM, account_changes.disable, staff.staff_member)
    else:
        facts = {"moved": {"organisation_id": staff.there}, "other_role": {"role": Role.READER}}[how]
        staff.office.do(SYSTEM, account_changes.change, staff.staff_member, facts)


@pytest.mark.wide
@pytest.mark.parametrize("how", ["disabled", "moved", "other_role"])
def test_shelter_keys_and_webhooks_end_when_their_maker_leaves(staff, how):
    assert staff.opens(staff.key)
    leave(staff, how)
    assert not staff.opens(staff.key)
    assert staff.opens(staff.own_key) == (how != "disabled")  # the own key ends with the rights
    found = staff.webhook()
    assert (found.disabled_at is not None, found.url) == (True, "")
    with staff.office.place.database.transaction() as session:
        mailed = [one.account_id for one in deliveries_in(session, MessageKind.WEBHOOK_DISABLED)]
    assert mailed == [staff.colleague]
    with pytest.raises(Conflict) as error:
        staff.office.do(staff.colleague, webhooks.enable, found.id)
    assert error.value.code == "webhook_without_address"
    assert "key_ended" in {one.rule for one in office_found(staff.office)}


@pytest.mark.wide
def test_keys_and_webhooks_of_colleagues_stay(staff):
    staff.office.do(SYSTEM, account_changes.change, staff.staff_member, {"role": Role.SHELTER_STAFF})
    assert staff.opens(staff.key)
    staff.office.do(SYSTEM, account_changes.disable, staff.colleague)
    assert staff.opens(staff.key)
    assert staff.webhook().disabled_at is None


@pytest.mark.wide
def test_report_reader_of_a_shelter_neither_makes_nor_sees_keys(staff):
    reader = "reader@placement.example"
    made = staff.office.do(SYSTEM, invitations.invite, reader, Role.READER, [], staff.here)
    client = staff.office.join(made, reader).account
    with pytest.raises(Invalid):
        staff.office.do(client, api_keys.make, "S1", ["read"], 90)
    with staff.office.place.database.transaction() as session:
        act = Act(session, actor_for(session, session.get_one(Account, client), AT), AT, staff.office.place.settings)
        assert session.exec(api_keys.listed(act)).all() == []
        assert session.exec(select(ApiKey)).all()
