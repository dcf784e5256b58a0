"""Notices to a shelter about a place that it is asked for provisionally, in the night and by the desk's answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.core.codes import MessageKind, Role, Urgency
from placement.core.context import Actor
from placement.core.duty_codes import DeskAfterwards
from placement.core.request_codes import WithdrawalReason
from placement.notifications import emails
from placement.placements import reads
from placement.placements.holds.shelter_view import facts_of_holds
from placement.registrations import requests
from placement.tasks.listing import asked_of_shelter, open_tasks
from placement.tasks.task import TaskKind
from tests.support.duty import WEDNESDAY_AT_9, accepted, answered, mandated, moved, peopled
from tests.support.messages import sent
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK

STAFF = Actor("A-S1", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")
BY = WEDNESDAY_AT_9 + timedelta(hours=1)
SETTLED = MessageKind.HOLD_SETTLED


@pytest.fixture
def night(town):
    """Returns the town, and the decision and hold that the coordinator accepted in the evening under a mandate."""
    peopled(town)
    mandated(town)
    decision = accepted(town)
    return town, decision, town.hold_of(decision.id).id


def said(town, hold_id, actor=STAFF):
    with town.act(actor) as act:
        [found] = facts_of_holds(act, [reads.hold(act, hold_id)]).values()
    return found.afterwards.answer, found.afterwards.by


def counted(town, actor=STAFF):
    found = town.do(asked_of_shelter, actor=actor).provisional
    return found.number, found.by


def told(town, kind=SETTLED):
    return [one.account_id for one in sent(town, kind)]


@pytest.mark.wide
def test_shelter_sees_that_it_is_asked_provisionally(night):
    town, _, hold = night
    for key in (STAFF, replace(STAFF, id="K-S1", role=Role.SHELTER, session_id=None)):
        assert said(town, hold, key) == (DeskAfterwards.WAITS, BY)
        assert counted(town, key) == (1, BY)
    town.confirm(hold)
    assert (said(town, hold), counted(town)) == ((DeskAfterwards.WAITS, BY), (1, BY))
    town.arrive(hold)
    assert (said(town, hold), counted(town)) == ((DeskAfterwards.WAITS, BY), (0, None))


@pytest.mark.wide
@one_store
def test_place_that_is_asked_by_day_is_not_provisional(town):
    peopled(town)
    moved(town, WEDNESDAY_AT_9)
    hold = town.hold_in(town.register(), "U1-women")
    assert (said(town, hold), counted(town)) == ((None, None), (0, None))


@pytest.mark.wide
@pytest.mark.parametrize("until", ["asked", "confirmed", "arrived"])
def test_shelter_is_told_that_the_desk_agreed(night, until):
    town, decision, hold = night
    if until != "asked":
        town.confirm(hold)
    if until == "arrived":
        town.arrive(hold)
    town.later(hours=1)
    assert told(town) == []
    answered(town, decision.id, granted=True)
    assert (told(town), said(town, hold)) == (["A-S1"], (DeskAfterwards.AGREED, None))
    assert counted(town) == (0, None)


@pytest.mark.wide
@pytest.mark.parametrize("until", ["asked", "confirmed"])
def test_shelter_is_told_that_beds_are_given_back(night, until):
    town, decision, hold = night
    if until == "confirmed":
        town.confirm(hold)
    mine = {TaskKind.HOLD, TaskKind.ARRIVAL}
    assert mine & {one.task.kind for one in town.do(open_tasks, actor=STAFF)}
    answered(town, decision.id, granted=False, text="Niet hier")
    assert (told(town), told(town, MessageKind.HOLD_RELEASED)[:1]) == ([], ["A-S1"])
    assert said(town, hold) == (DeskAfterwards.SENT_BACK, None)
    assert not mine & {one.task.kind for one in town.do(open_tasks, actor=STAFF)}


@pytest.mark.wide
def test_shelter_is_told_that_a_client_in_house_is_to_move(night):
    town, decision, hold = night
    town.confirm(hold)
    town.arrive(hold)
    answered(town, decision.id, granted=False, text="Niet hier")
    assert (told(town), told(town, MessageKind.HOLD_RELEASED)) == (["A-S1"], [])
    assert said(town, hold) == (DeskAfterwards.SENT_BACK, None)
    case = town.registration(decision.registration_id)
    town.do(requests.withdraw, case.id, 2, case.version, reason=WithdrawalReason.CLIENT_STAYS, actor=COORDINATOR)
    assert said(town, hold) == (None, None)  # the client stays for good


@pytest.mark.wide
def test_shelter_that_was_left_is_not_told_of_a_further_move(night):
    town, decision, hold = night
    town.confirm(hold)
    town.arrive(hold)
    answered(town, decision.id, granted=False, text="Niet hier")
    case = decision.registration_id
    desk = replace(DESK, opened=frozenset({case}))
    other = town.hold_of(town.decide_on(case, "U2-family", actor=desk).id).id
    town.confirm(other)
    town.arrive(other)
    assert said(town, hold) == (None, None)
    wanted = requests.Asked(requests.RequestKind.TRANSFER, Urgency.DAYS, requests.RequestGround.WISH)
    town.do(requests.ask, case, town.registration(case).version, wanted, actor=COORDINATOR)
    assert said(town, hold) == (None, None)


@pytest.mark.wide
@one_store
def test_shelter_of_a_client_moving_already_is_told_too(night):
    town, decision, hold = night
    town.confirm(hold)
    town.arrive(hold)
    case = town.registration(decision.registration_id)
    wanted = requests.Asked(requests.RequestKind.TRANSFER, Urgency.DAYS, requests.RequestGround.WISH)
    town.do(requests.ask, case.id, case.version, wanted, actor=COORDINATOR)
    answered(town, decision.id, granted=False, text="Niet hier")
    assert (told(town), said(town, hold)) == (["A-S1"], (DeskAfterwards.SENT_BACK, None))


@pytest.mark.wide
@one_store
def test_nothing_is_told_of_a_client_no_longer_there(night):
    town, decision, hold = night
    town.confirm(hold)
    town.end(town.arrive(hold).id)
    answered(town, decision.id, granted=True)
    assert told(town) == []


@pytest.mark.wide
@one_store
def test_message_of_the_answer_is_moot_once_the_stay_ended(night):
    town, decision, hold = night
    town.confirm(hold)
    stay = town.arrive(hold)
    answered(town, decision.id, granted=True)
    [one] = sent(town, SETTLED)

    def is_moot():
        with town.act() as act:
            return emails.is_moot(act.session, one)

    assert not is_moot()
    town.end(stay.id)
    assert is_moot()
