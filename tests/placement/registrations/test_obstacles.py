"""The obstacle of a waiting client: noted by a single act, counted while it is new, and erased."""

from datetime import timedelta

import pytest

from placement.audit.events import Event
from placement.core.context import SYSTEM
from placement.core.errors import Conflict, NotAllowed, NotFound
from placement.core.need_codes import Dimension, WaitObstacle
from placement.registrations import obstacles
from placement.reports import store as report_store
from placement.retention import erasure
from placement.tables import NeedRecord
from tests.support.town import COORDINATOR, ELSEWHERE, TODAY, shelter


def counted(town, days=0):
    """Returns how many waiting households the ledger of a day counts for each noted obstacle."""
    on = TODAY + timedelta(days=days)
    with town.act(SYSTEM) as act:
        report_store.make(act, on, None)
        found = act.session.get(NeedRecord, (on, "day")).content
    return {one.code: one.waiting for one in found.groups if one.dimension is Dimension.NOTED}


@pytest.mark.wide
def test_noted_obstacle_is_counted_until_it_is_taken_back_or_old(town):
    town.later(days=-1)
    cases = [town.register(actor=COORDINATOR) for _ in range(3)]
    for case in cases[:2]:
        town.do(obstacles.note, case, WaitObstacle.PAYMENT, actor=COORDINATOR)
    town.do(obstacles.note, cases[2], WaitObstacle.PAPERS)
    assert town.registration(cases[2]).obstacle.by == "A-desk"
    assert town.events()[-1] == Event.REGISTRATION_CHANGED
    town.later(days=1)
    assert counted(town) == {"payment": 2, "papers": 1}
    town.do(obstacles.note, cases[1], None)
    town.later(days=1)
    assert counted(town, days=1) == {"payment": 1, "papers": 1}
    town.later(days=26)
    assert counted(town, days=27) == {}


def test_obstacle_of_a_client_with_a_place_is_not_counted(town):
    case = town.register()
    town.do(obstacles.note, case, WaitObstacle.TRANSPORT)
    town.house(case)
    assert obstacles.noted(town.registration(case), TODAY) is None
    with pytest.raises(Conflict) as refused:
        town.do(obstacles.note, case, WaitObstacle.TRANSPORT)
    assert refused.value.code == "no_place_is_sought"


def test_obstacle_is_noted_by_coordinators_of_the_client_alone(town):
    case, draft = town.register(actor=COORDINATOR), town.register(draft=True)
    for actor, name, error in ((ELSEWHERE, case, NotFound), (shelter("S1"), case, NotAllowed)):
        with pytest.raises(error):
            town.do(obstacles.note, name, WaitObstacle.RISK, actor=actor)
    with pytest.raises(Conflict):
        town.do(obstacles.note, draft, WaitObstacle.RISK)


def test_obstacle_is_erased_with_the_content_of_the_case(town):
    case = town.register()
    town.do(obstacles.note, case, WaitObstacle.CARE)
    town.do(erasure.erase_content, [case], actor=SYSTEM)
    assert town.registration(case).obstacle is None
