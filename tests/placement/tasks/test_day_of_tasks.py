"""A day of tasks: each waiting state has a task, and each task is sent to an account once, within five seconds."""

from collections import Counter
from random import Random

import pytest

from placement.core.codes import MessageKind, Role
from placement.core.context import Actor
from placement.core.notice_codes import NoticeMark
from tests.support.day_of_tasks import Day, people_of
from tests.support.loaded_country import Loaded
from tests.support.messages import sent
from tests.support.paths import ROOT
from tests.support.stores import both_stores
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, Town

STAFF = {name: Actor(f"A-{name}", Role.SHELTER_STAFF, shelter_id=name, session_id="Z") for name in ("S1", "S2")}


def day_of(town, seed):
    return Day(town, [("amsterdam", COORDINATOR)], STAFF, (DESK, OTHER_DESK), Random(seed))


@pytest.mark.wide
@both_stores
def test_day_of_a_town_tells_each_task_once_and_in_time(people):
    day = day_of(people, 1)
    day.live(clients=16)
    notices = day.notices()
    kinds = Counter((one.kind, one.mark) for one in notices)
    assert {("hold", "new"), ("decision", "new"), ("arrival", "new"), ("search_again", "new")} <= set(kinds), kinds
    assert {mark for _, mark in kinds} == set(NoticeMark)
    assert all(one.told for one in notices if one.mark is NoticeMark.NEW)
    told = Counter((one.task, one.mark, account) for one in notices for account in one.told)
    assert set(told.values()) == {1}
    mailed = Counter((one.id, one.account_id) for one in sent(people, MessageKind.TASK_DUE))
    assert set(mailed.values()) == {1}


@pytest.mark.long
def test_day_of_the_country_tells_each_task_once_and_in_time(tmp_path):
    country = Loaded(tmp_path, "national", 1)
    town = Town(country.database, country.settings)
    town.at = country.at
    places, staff, desk = people_of(town)
    day = Day(town, places, staff, desk, Random(1), sees_to_all=True)
    day.live(clients=40)
    assert len(day.decided) >= 20, day.refused  # as many as find a bed: few are free, and a tenth leaves
    notices = day.notices()
    told = Counter((one.task, one.mark, account) for one in notices for account in one.told)
    assert set(told.values()) == {1}
    assert all(one.told for one in notices if one.mark is NoticeMark.NEW)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "day_of_tasks.md").write_text(day.table())
