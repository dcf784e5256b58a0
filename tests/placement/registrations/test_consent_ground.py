"""Facts about the first day of a client, and about consent to inform a shelter; and facts that are a task alone."""

from datetime import timedelta

import pytest

from placement.core.codes import DecisionStatus, RegistrationStatus, Urgency
from placement.core.consent_codes import Restriction, SharingGround, SharingScope
from placement.core.errors import Conflict, Invalid
from placement.core.reason_codes import ChangeReason
from placement.core.request_codes import RequestGround, RequestKind
from placement.placements.decisions import decisions
from placement.placements.proposals.place_search import Filter, Household, find_places
from placement.placements.stays import fact_changes
from placement.registrations import registrations, requests, returns
from placement.reports.collect import active_at
from placement.retention.job import erase_everything_due
from placement.retention.schedule_of_cases import CONTENT_FOR
from placement.tasks.board import BEFORE_A_BIRTH
from placement.tasks.task import TaskKind
from tests.support.settings import changed
from tests.support.task_board import board
from tests.support.town import COORDINATOR, TODAY

FIRST = TODAY + timedelta(days=15)
"""A day more than a place is sought ahead."""


def change(town, client, **facts):
    town.do(registrations.change, client, town.registration(client).version, facts)


def births(town):
    return [one.registration for one in town.do(board).tasks if one.kind is TaskKind.BIRTH]


def test_no_place_is_sought_long_before_the_client_can_come(town):
    client = town.register(needed_from=FIRST, needed_by=FIRST)
    assert client not in {row.id for row in town.problem().registrations}
    with pytest.raises(Conflict, match="needed_later") as error:
        town.propose(client)
    assert error.value.facts == {"day": (TODAY + timedelta(days=1)).isoformat()}
    town.later(days=1)
    assert town.propose(client)


def test_first_day_after_the_last_is_refused_at_its_field(town):
    with pytest.raises(Invalid) as error:
        town.register(needed_from=FIRST, needed_by=TODAY)
    assert [(fault.field, fault.code) for fault in error.value.faults] == [("needed_from", "needed_from_late")]


def test_shelter_agrees_no_arrival_before_the_first_day(town):
    first = TODAY + timedelta(days=5)
    held = town.hold_in(town.register(needed_from=first), "U1-women")
    with pytest.raises(Invalid) as error:
        town.confirm(held, town.at + timedelta(days=4))
    assert error.value.faults[0].code == "client_comes_later"
    town.confirm(held)
    assert town.one("hold", held).expected_at.date() == first


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"sharing_ground": SharingGround.CONSENT, "sharing_withdrawn": True}, "sharing_withdrawn"),
        ({"sharing_withdrawn": True}, "sharing_withdrawn"),
        ({"sharing_ground": SharingGround.CONSENT, "sharing_until": TODAY - timedelta(days=1)}, "sharing_ended"),
    ],
)
def test_no_shelter_is_asked_without_a_ground_that_holds(town, facts, code):
    client = town.register(**facts)
    with pytest.raises(Conflict, match=code):
        town.decide(town.propose(client))
    town.decline(town.propose(client), "declines_place")


@pytest.mark.wide
def test_ground_is_asked_of_cases_that_wait_since_the_day_set(town):
    assert town.decide(town.propose(town.register())).unit_id
    before = town.register()
    town.settings = changed(town.settings, sharing_ground_from=TODAY)
    with pytest.raises(Conflict, match="sharing_ground_missing"):
        town.decide(town.propose(before))
    change(town, before, sharing_ground=SharingGround.LEGAL_TASK, sharing_until=TODAY)
    assert town.decide(town.propose(before)).unit_id
    town.settings = changed(town.settings, sharing_ground_from=TODAY + timedelta(days=1))
    assert town.decide(town.propose(town.register())).unit_id


def test_confirmation_of_a_withdrawn_ground_is_refused(town):
    client = town.register(actor=COORDINATOR)
    decision = town.decide_on(client, actor=COORDINATOR)
    assert decision.status is DecisionStatus.WAITING_FOR_DESK
    with town.act() as act:
        act.session.get_one(type(town.registration(client)), client).sharing_withdrawn = True
    with pytest.raises(Conflict, match="sharing_withdrawn"):
        town.do(decisions.answer_decision, decision.id, granted=True)
    town.do(decisions.answer_decision, decision.id, granted=False)


def test_expected_birth_is_a_task_until_it_is_changed(town):
    soon = TODAY + BEFORE_A_BIRTH
    client = town.register(expected_birth=soon)
    town.register(expected_birth=soon + timedelta(days=1))
    assert births(town) == [client]
    change(town, client, expected_birth=None)
    assert births(town) == []


@pytest.mark.wide
@pytest.mark.parametrize("restriction", Restriction)
def test_restricted_case_is_not_proposed_decided_or_reported(town, restriction):
    client, other = town.register(), town.register()
    proposal = town.propose(client)
    change(town, client, restriction=restriction)
    assert {row.id for row in town.problem().registrations} == {other}
    for act in (lambda: town.propose(client), lambda: town.decide(proposal)):
        with pytest.raises(Conflict, match=r"processing_restricted|proposal"):
            act()
    with pytest.raises(Conflict, match="processing_restricted"):
        town.do(find_places, Household(), Filter(), client, "en")
    assert [one.id for one in town.do(lambda act: active_at(act.session, act.at))] == [other]
    change(town, client, restriction=None)
    assert town.decide(town.propose(client)).unit_id


def test_restriction_leaves_the_place_that_is_held(town):
    held = town.hold_in(client := town.register(), "U1-women")
    version, reason = town.registration(client).version, ChangeReason.CORRECTION
    town.do(fact_changes.change, client, version, {"restriction": Restriction.OBJECTION}, reason=reason)
    town.confirm(held)
    town.arrive(held)
    assert town.registration(client).status is RegistrationStatus.PLACED


def test_closed_case_can_be_restricted_and_nothing_else_changes(town):
    client = town.register()
    town.do(registrations.close, client, "found_other_place")
    for refused in ({"urgency": Urgency.TONIGHT}, {"restriction": Restriction.UNLAWFUL, "urgency": Urgency.TONIGHT}):
        with pytest.raises(Conflict):
            change(town, client, **refused)
    change(town, client, restriction=Restriction.UNLAWFUL)
    with pytest.raises(Conflict, match="processing_restricted"):
        town.do(returns.take_back, client)
    change(town, client, restriction=None)
    assert town.do(returns.take_back, client).returns == client


def test_erased_case_cannot_be_restricted(town):
    client = town.register()
    town.do(registrations.close, client, "found_other_place")
    town.later(days=CONTENT_FOR.days + 1)
    list(erase_everything_due(town.database, town.act_now))
    with pytest.raises(Conflict):
        change(town, client, restriction=Restriction.UNLAWFUL)


@pytest.mark.wide
def test_ground_for_the_first_place_stops_the_next_search(town):
    client = town.register(sharing_ground=SharingGround.CONSENT, sharing_scope=SharingScope.FIRST_PLACE)
    town.house(client, "U1-women")
    wanted = requests.Asked(RequestKind.TRANSFER, Urgency.WEEK, RequestGround.WISH)
    town.do(requests.ask, client, town.registration(client).version, wanted)
    with pytest.raises(Conflict, match="sharing_first_place"):
        town.decide(town.propose(client))
