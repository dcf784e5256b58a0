"""Facts about the first day of a client, and about consent to inform a shelter; and facts that are a task alone."""

from datetime import timedelta

import pytest

from placement.core.codes import DecisionStatus
from placement.core.consent_codes import SharingGround
from placement.core.errors import Conflict, Invalid
from placement.placements.decisions import decisions
from placement.registrations import registrations
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
