"""A client whose place closes: the term is the end of the last day, and the days left make it urgent. When it is late,
the person on call has it.
"""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.clock import end_of, local_time, start_of
from placement.core.codes import Urgency
from placement.duty import rota
from placement.notifications.task_notices import tell_of_tasks
from placement.shelters import closing
from placement.tables import Shelter, TaskNotice
from placement.tasks.listing import derive, is_owner, open_tasks, owned
from tests.support.messages import sent
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY, F

DAY = timedelta(days=1)


@pytest.fixture
def housed(people):
    """Three clients who live in S1."""
    for age in (30, 31, 32):
        case = people.register(((F, age),), urgency=Urgency.TONIGHT, needed_by=TODAY)
        people.house(case, "U1-women")
    return people


def closes(town, last_day):
    town.do(closing.close, Shelter, "S1", town.one("shelter", "S1").version, last_day)


def leaving(town, actor=DESK):
    with town.act(actor) as act:
        return [one for one in owned(act, derive(act)) if one.task.kind.value == "onward"]


def is_of(town, actor):
    with town.act(actor) as act:
        return [is_owner(act, owner) for one in leaving(town, actor) for owner in one.owners(act.at)]


def test_last_second_of_a_day_is_shown_as_that_day():
    assert local_time(end_of(TODAY)) == f"{TODAY} 23:59"
    assert end_of(TODAY) + timedelta(seconds=1) == start_of(TODAY + DAY)


@pytest.mark.wide
def test_last_day_is_late_at_noon_and_goes_to_the_rota(housed):
    housed.do(rota.name, OTHER_DESK.id, TODAY, TODAY)
    closes(housed, TODAY)
    housed.at = start_of(TODAY) + timedelta(hours=11, minutes=59)
    found = leaving(housed)
    assert len(found) == 3
    for one in found:
        assert (one.task.due, one.task.urgency) == (end_of(TODAY), Urgency.TONIGHT)
        assert (one.next.role.value, one.next.reach, one.task.is_late(housed.at)) == ("desk", "on_call", False)
    assert not any(is_of(housed, OTHER_DESK))
    housed.later(minutes=1)
    assert all(one.task.is_late(housed.at) for one in leaving(housed))
    assert [any(is_of(housed, actor)) for actor in (OTHER_DESK, DESK)] == [True, False]
    housed.do(tell_of_tasks)
    late = [row.content for row in housed.all(select(TaskNotice)) if row.content.mark.value == "late"]
    assert {one.told for one in late if one.kind == "onward"} == {(OTHER_DESK.id,)}
    assert OTHER_DESK.id in {one.account_id for one in sent(housed)}


@pytest.mark.wide
@one_store
def test_late_task_goes_to_the_desk_without_a_rota(housed):
    closes(housed, TODAY)
    housed.at = start_of(TODAY) + timedelta(hours=12)
    for actor in (DESK, OTHER_DESK):
        assert any(is_of(housed, actor))
    housed.do(tell_of_tasks)
    late = [row.content for row in housed.all(select(TaskNotice)) if row.content.mark.value == "late"]
    assert {one.told for one in late if one.kind == "onward"} == {(DESK.id, OTHER_DESK.id)}


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("days", "urgency"),
    [
        (0, Urgency.TONIGHT),
        (1, Urgency.DAYS),
        (3, Urgency.DAYS),
        (4, Urgency.WEEK),
        (7, Urgency.WEEK),
        (8, Urgency.CAN_WAIT),
    ],
)
def test_urgency_follows_from_the_days_left(housed, days, urgency):
    """Whatever the urgency was with which the client came."""
    closes(housed, TODAY + days * DAY)
    assert [one.task.urgency for one in leaving(housed)] == [urgency] * 3


@one_store
def test_last_day_stands_above_routine_work(housed):
    closes(housed, TODAY)
    housed.later(days=61)  # every stay asks why the client is still here
    found = [one.task.kind.value for one in housed.do(open_tasks, actor=COORDINATOR)]
    assert found[:3] == ["onward"] * 3
    assert "stay_is_long" in found[3:]
