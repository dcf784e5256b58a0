"""A coordinator who moved to another region: notices of a decision go to the coordinators of its region instead."""

import pytest

from placement.core.codes import MessageKind
from placement.notifications import reminders
from placement.placements.decisions import decisions
from placement.tables import Account
from tests.support.accounts import account_row, add_accounts, add_shelter_staff
from tests.support.messages import sent
from tests.support.town import COORDINATOR, DESK

COLLEAGUE = "A-amsterdam-2"


@pytest.fixture
def hold(town):
    """Returns a hold that a shelter is asked for, made by the first of two coordinators of a region."""
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK)
    with town.act() as act:
        act.session.add(account_row(COLLEAGUE, COORDINATOR.role, regions=sorted(COORDINATOR.regions)))
    decision = town.decide_on(town.register(actor=COORDINATOR), "U1-women", actor=COORDINATOR)
    town.do(decisions.answer_decision, decision.id, granted=True)
    return town.hold_of(decision.id).id


def moves(town):
    with town.act() as act:
        act.session.get_one(Account, COORDINATOR.id).regions = ["limburg"]


def told(town, kind):
    return {one.account_id for one in sent(town, kind)}


def confirmed(town, hold):
    town.confirm(hold)
    return told(town, MessageKind.HOLD_CONFIRMED)


def arrived(town, hold):
    town.confirm(hold)
    town.arrive(hold)
    return told(town, MessageKind.ARRIVED)


def reminded(town, _):
    town.later(hours=1)
    town.do(reminders.remind_of_holds)
    return told(town, MessageKind.HOLD_WAITS)


@pytest.mark.wide
@pytest.mark.parametrize("happens", [confirmed, arrived, reminded])
def test_coordinator_moved_is_not_told_and_colleague_is(town, hold, happens):
    moves(town)
    found = happens(town, hold)
    assert COORDINATOR.id not in found
    assert COLLEAGUE in found


@pytest.mark.wide
@pytest.mark.parametrize("happens", [confirmed, arrived, reminded])
def test_coordinator_that_decided_is_told(town, hold, happens):
    assert COORDINATOR.id in happens(town, hold)
