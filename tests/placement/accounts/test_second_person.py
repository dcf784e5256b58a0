"""The second of two persons sits at another browser than the first, in every act that takes two."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from placement.accounts import accounts, approvals, key_rotations
from placement.accounts.login import Caller
from placement.accounts.sessions import actor_of
from placement.core.codes import OrganisationKind, Role
from placement.core.errors import Conflict
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.core.rule_codes import RuleKind
from placement.dated_rules.values import SafetyDistanceValue
from placement.leave import requests
from placement.leave.requests import Wanted
from placement.placements.decisions import decisions
from placement.retention import legal_hold
from placement.rule_changes import changes
from placement.second_person.persons import require_other_browser
from placement.shelters import change_requests
from placement.tables import Decision
from tests.support import second_person
from tests.support.accounts import ELSEWHERE, HOME, account_row, add_accounts, organisation, person
from tests.support.town import ADMIN, AT, DESK, OTHER_DESK, TODAY

REASON = "record_check"


def at(actor, browser, **facts):
    return replace(actor, browser=browser, **facts)


def address(town):
    asked = town.do(change_requests.ask_for_address, "L1", "Verzonnen 1", actor=at(DESK, "one"))
    return lambda act: second_person.grant(act, asked.id, "Verzonnen 1")


def decision(town):
    client = town.register()
    found = town.decide_on(client, "U3-omm", actor=at(DESK, "one"))
    return lambda act: decisions.answer_decision(act, found.id, granted=True)


def leaving(town):
    wanted = Wanted(LeaveKind.DESTROY_KEYS, LeaveReason.LEAVING, "-")
    asked = town.do(requests.ask, wanted, actor=at(DESK, "one", verified_at=town.at))
    return lambda act: second_person.grant(act, asked.id)


def rotation(town):
    asked = town.do(key_rotations.ask, actor=at(ADMIN, "one", verified_at=town.at))
    return lambda act: second_person.grant(act, asked.id)


def held(town):
    client = town.register()
    town.do(legal_hold.ask, client, "complaint", TODAY + timedelta(days=9), actor=at(DESK, "one"))
    return lambda act: second_person.answer_about(act, client, granted=True)


def lifted(town):
    client = town.register()
    town.do(legal_hold.ask, client, "complaint", TODAY + timedelta(days=9), actor=at(DESK, "two"))
    town.do(second_person.answer_about, client, granted=True, actor=at(OTHER_DESK, "three"))
    town.do(legal_hold.lift, client, actor=at(DESK, "one"))
    return lambda act: second_person.answer_about(act, client, granted=True)


def rule(town):
    change = changes.Change(RuleKind.SAFETY_DISTANCE, "default", SafetyDistanceValue(km=60), "-", "-", date(2027, 1, 1))
    asked = town.do(changes.ask, change, "-", actor=at(DESK, "one"))
    return lambda act: second_person.grant(act, asked.id)


def invitation(town):
    with town.database.transaction() as session:
        where = organisation(session, town.at, town.settings, OrganisationKind.OVERSIGHT)
    asked = town.do(approvals.to_invite, "nieuw@x.example", Role.AUDITOR, [], where, actor=at(ADMIN, "one"))
    return lambda act: second_person.grant(act, asked.id)


@pytest.mark.parametrize("two", [address, decision, leaving, rotation, held, lifted, rule, invitation])
def test_second_person_at_the_browser_of_the_first_is_refused(town, two):
    second = OTHER_DESK if two not in {rotation, invitation} else replace(ADMIN, id="A-other-admin")
    add_accounts(town, DESK, ADMIN, OTHER_DESK, replace(ADMIN, id="A-other-admin"))
    do = two(town)
    for browser in ("one", None):
        with pytest.raises(Conflict, match="second_browser_needed"):
            town.do(do, actor=at(second, browser, verified_at=town.at))
    town.do(do, actor=at(second, "another", verified_at=town.at))


def test_browser_of_the_first_is_stored_as_a_pseudonym(town):
    add_accounts(town, DESK)
    decision(town)
    with town.database.engine.connect() as connection:
        [stored] = connection.exec_driver_sql("SELECT browser FROM decision").scalars()
    assert "one" not in stored
    assert [one.browser for one in town.all(select(Decision))] == ["one"]


@pytest.mark.wide
def test_two_accounts_in_one_browser_have_one_browser(empty):
    one, other = (person(empty, AT, f"{name}@placement.example") for name in ("een", "twee"))

    def browser_of(begun):
        with empty.database.transaction() as session:
            return actor_of(session, one.at, empty.settings, begun.session).browser

    first = one.sign_in()
    same = Caller(HOME.network, HOME.client, first.device)
    other.at = one.at
    assert browser_of(other.sign_in(who=same)) == browser_of(first)
    one.at = other.at
    assert browser_of(one.sign_in(who=ELSEWHERE)) != browser_of(first)
    assert browser_of(one.sign_in(who=Caller(HOME.network, HOME.client, "pld_made_up"))) != browser_of(first)


def test_what_was_asked_before_browsers_were_noted_is_granted(town):
    with town.act() as act:
        require_other_browser(act, Decision.model_construct(browser=None))


def test_each_admin_that_let_an_account_in_stays_noted():
    account = account_row("A-1", Role.ADMIN, let_in_by=["A-2"])
    for admin in ("A-3", None):
        accounts.note_let_in(account, admin)
    assert account.let_in_by == ["A-2", "A-3"]
