"""A case that was closed by hand, and by mistake, is open again as it was."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.core.codes import MessageKind, RegistrationStatus
from placement.core.errors import Conflict, NotAllowed, NotFound
from placement.registrations import links, registrations, reopening, returns
from placement.registrations.reopening import REVERSIBLE_FOR, reversible_until
from placement.tables import Registration
from tests.support.accounts import add_accounts
from tests.support.messages import sent
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK

CLOSED, OPEN, DRAFT = RegistrationStatus.CLOSED, RegistrationStatus.OPEN, RegistrationStatus.DRAFT


def close(town, case, actor=COORDINATOR):
    return town.do(registrations.close, case, "withdraws_consent", actor=actor)


def reopen(town, case, actor=COORDINATOR):
    return town.do(reopening.reverse_closing, case, actor=actor)


def refused(town, case, code):
    with pytest.raises(Conflict) as wrong:
        reopen(town, case)
    assert wrong.value.code == code
    return wrong.value.facts


def of_case(town, case):
    row = town.registration(case)
    return row.status, row.urgency, row.needed_by, row.waits_since, row.requests, row.closed_reason, row.closed_on


@pytest.mark.parametrize("draft", [False, True])
def test_reopened_client_case_waits_as_before(town, draft):
    case = town.register(urgency=2, draft=draft, actor=COORDINATOR)
    was = of_case(town, case)
    town.later(days=2)
    close(town, case)
    assert town.registration(case).status is CLOSED
    town.later(hours=2)
    reopen(town, case)
    assert of_case(town, case) == was
    assert (town.registration(case).closing, town.events()[-1]) == (None, "registration:closing_reversed")
    close(town, case)
    assert town.registration(case).status is CLOSED


@pytest.mark.wide
def test_reopened_client_case_gets_a_place(town):
    case = town.register(actor=COORDINATOR)
    close(town, case)
    reopen(town, case)
    assert town.house(case)


@pytest.mark.wide
def test_request_of_a_client_without_a_place_is_open_again(town):
    case = town.register(actor=COORDINATOR)
    stay = town.house(case, "U1-women")
    town.later(days=1)
    town.end(stay, "wants_to_leave")
    was = of_case(town, case)
    close(town, case)
    reopen(town, case)
    assert of_case(town, case) == was


@pytest.mark.wide
def test_client_is_sought_a_place_for_anew_after_reopening(town):
    case = town.register(actor=COORDINATOR)
    held = town.hold_in(case)
    town.release(held, "found_other_place")
    assert town.registration(case).status is CLOSED
    reopen(town, case)
    assert town.registration(case).status is OPEN
    assert town.claims(case) == []
    town.hold_in(case)


def test_reopening_is_possible_for_three_days(town):
    case = town.register(actor=COORDINATOR)
    close(town, case)
    said = town.at
    town.at = said + REVERSIBLE_FOR
    assert refused(town, case, "closing_is_final")["days"] == 3
    with town.act() as act:
        assert reversible_until(act, act.session.get_one(Registration, case)) is None
    town.at -= timedelta(seconds=1)
    with town.act() as act:
        assert reversible_until(act, act.session.get_one(Registration, case)) == said + REVERSIBLE_FOR
    reopen(town, case)


@pytest.mark.wide
@one_store
def test_only_what_was_closed_by_hand_is_reopened(town):
    case = town.register(actor=COORDINATOR)
    refused(town, case, "case_not_closed_by_hand")
    town.end(town.house(case))
    assert town.registration(case).status is CLOSED
    refused(town, case, "case_not_closed_by_hand")


@one_store
def test_client_case_that_goes_on_elsewhere_is_not_reopened(town):
    first, second, third = (town.register(actor=COORDINATOR) for _ in range(3))
    town.do(links.merge, second, first, actor=COORDINATOR)
    refused(town, second, "already_merged")
    close(town, third)
    town.do(returns.take_back, third, actor=COORDINATOR)
    assert refused(town, third, "case_gone_on") == {"status": "closed"}


@one_store
def test_coordinator_in_a_session_reopens_own_cases(town):
    case = town.register(actor=COORDINATOR)
    close(town, case)
    with pytest.raises(NotFound):
        reopen(town, case, ELSEWHERE)
    with pytest.raises(NotAllowed) as wrong:
        reopen(town, case, replace(COORDINATOR, session_id=None))
    assert wrong.value.code == "sign_in_needed"


def test_reopening_tells_the_coordinator_told_before(town):
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    case = town.register()
    for _ in range(2):
        town.later(minutes=1)
        close(town, case, DESK)
        town.later(minutes=1)
        reopen(town, case, DESK)
    kinds = MessageKind.CASE_CLOSED, MessageKind.CASE_REOPENED
    told = [{(one.account_id, one.made_at) for one in sent(town, kind)} for kind in kinds]
    assert {len(one) for one in told} == {2}
    assert {account for account, _ in told[0]} == {account for account, _ in told[1]} == {COORDINATOR.id}
