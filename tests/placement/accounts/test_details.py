"""Details of a person: checked in words, kept unreadable in the database, erased after the account is disabled."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.access import account_names
from placement.accounts import approvals, details, invitations
from placement.accounts.details import Details
from placement.core.codes import OrganisationKind, Role
from placement.core.context import SYSTEM, Actor
from placement.core.errors import Invalid, NotAllowed
from placement.duty import absences
from placement.retention.job import erase_due
from placement.retention.schedule import kind_named
from placement.tables import Account, AccountDetails, Invitation, SecondPersonRequest
from tests.support import second_person
from tests.support.accounts import PASSWORD, Person, add_accounts, organisation
from tests.support.audit_log import logged
from tests.support.stores import one_store
from tests.support.town import ADMIN, COORDINATOR, DESK

KNOWN = Details("Medewerker Een", "zorgcoördinator", "+31300000002")


@pytest.fixture
def staffed(town):
    add_accounts(town, DESK, COORDINATOR, ADMIN, Actor("A-admin-2", Role.ADMIN))
    return town


def change(town, actor=DESK, wanted=KNOWN):
    return town.do(details.change, wanted, actor=actor)


def test_checked_details_are_one_line_and_e164():
    assert details.checked("  Medewerker \n Een ", " ", "030 000 00 02") == Details(
        "Medewerker Een", None, "+31300000002"
    )
    assert details.checked(None, None, " ", required=False) == Details()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((" ", None, None), [("name", "name_missing")]),
        (("1234", None, None), [("name", "name_without_letters")]),
        (("Mede\u200bwerker", None, None), [("name", "text_not_plain")]),
        (("n" * 101, "j" * 101, "12"), [("name", "text_too_long"), ("job_title", "text_too_long"),
                                        ("telephone", "telephone_dutch")]),
        (("Medewerker", None, "030 12"), [("telephone", "telephone_dutch")]),
    ],
)  # fmt: skip
def test_checked_what_is_wrong_is_said_by_field(given, found):
    with pytest.raises(Invalid) as refused:
        details.checked(*given)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == found


def test_checked_a_number_without_a_name_is_refused():
    with pytest.raises(Invalid):
        details.checked(None, None, "030 000 00 02", required=False)


def test_change_is_unreadable_and_has_no_values_in_the_log(staffed):
    change(staffed)
    change(staffed, wanted=Details("Medewerker Een", "plaatser", KNOWN.telephone))
    with staffed.act() as act:
        assert details.of(act.session, DESK.id) == Details("Medewerker Een", "plaatser", KNOWN.telephone)
        assert details.of(act.session, COORDINATOR.id) == Details()
        stored = str(act.session.execute(text("SELECT * FROM accountdetails")).all())
    assert not any(secret in stored for secret in ("Medewerker", "plaatser", "3000000"))
    changed = logged(staffed, event="account:details_changed")
    assert [event.facts for event in changed] == [
        {"changed": ["name", "job_title", "telephone"]}, {"changed": ["job_title"]},
    ]  # fmt: skip


@one_store
def test_change_needs_a_person_in_a_session(staffed):
    for actor in (Actor(DESK.id, Role.DESK), Actor("S1", Role.SHELTER, shelter_id="S1", session_id="Z")):
        with pytest.raises(NotAllowed):
            change(staffed, actor)


def test_invitation_brings_the_details_to_the_account(staffed):
    with staffed.act() as act:
        where = organisation(act.session, act.at, act.settings, OrganisationKind.COORDINATION_CENTRE)
    asked = staffed.do(approvals.to_invite, "n@x.example", Role.DESK, [], where, details=KNOWN, actor=ADMIN)
    granted = staffed.do(second_person.grant, asked.id, actor=Actor("A-admin-2", Role.ADMIN, session_id="Z"))
    newcomer = Person(staffed.database, staffed.settings, staffed.at, "n@x.example")
    with staffed.act(SYSTEM) as act:
        token = granted.made.token
        newcomer.totp_secret = invitations.choose_password(act.session, act.at, token, PASSWORD).totp_secret
    staffed.do(invitations.join, granted.made.token, newcomer.code(), actor=SYSTEM)
    with staffed.act() as act:
        account = act.session.exec(select(Account.id).where(Account.email == "n@x.example")).one()
        assert details.of(act.session, account) == KNOWN
        assert act.session.exec(select(Invitation)).one().details is None
        asked = act.session.exec(select(SecondPersonRequest)).one().facts
        known = KNOWN.name, KNOWN.job_title, KNOWN.telephone
        assert (asked["name"], asked["job_title"], asked["telephone"]) == known


def test_named_accounts_and_no_other_ids(staffed):
    change(staffed)
    with staffed.act() as act:
        found = account_names.named(act.session, [DESK.id, COORDINATOR.id, "A-gone", "system", "S1", None, 7])
    assert {name: (one.name, one.former, one.role) for name, one in found.items()} == {
        DESK.id: (KNOWN.name, False, Role.DESK),
        COORDINATOR.id: (None, False, Role.COORDINATOR),
        "A-gone": (None, True, None),
    }


def test_details_are_erased_a_year_after_the_account_is_disabled(staffed):
    change(staffed)
    change(staffed, COORDINATOR)
    staffed.do(lambda act: setattr(act.session.get_one(Account, DESK.id), "disabled_at", act.at))
    kind = kind_named("account_details")
    staffed.later(days=365, seconds=-1)
    assert staffed.do(erase_due, kind, actor=SYSTEM) == 0
    assert known_of_desk(staffed) == (KNOWN.name, True)
    staffed.later(seconds=1)
    assert staffed.do(erase_due, kind, actor=SYSTEM) == 1
    assert staffed.all(select(AccountDetails.account_id)) == [COORDINATOR.id]
    assert known_of_desk(staffed) == (None, True)


def known_of_desk(staffed):
    with staffed.act() as act:
        one = account_names.named(act.session, [DESK.id])[DESK.id]
        return one.name, one.former


@one_store
def test_absence_is_erased_a_month_after_it_ended(staffed):
    staffed.do(absences.name, staffed.at.date(), staffed.at.date() + timedelta(days=2), None, actor=DESK)
    staffed.later(days=31)
    assert staffed.do(erase_due, kind_named("absences"), actor=SYSTEM) == 0
    staffed.later(days=1)
    assert staffed.do(erase_due, kind_named("absences"), actor=SYSTEM) == 1
