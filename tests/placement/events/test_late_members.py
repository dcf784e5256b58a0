"""Late members of an event: a single task in each region, whose page is the day of the event."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import MessageKind
from placement.core.context import SYSTEM
from placement.notifications import task_notices
from placement.tables import Hold
from placement.tasks.listing import derive, owned
from placement.tasks.task import TaskKind
from tests.support.accounts import add_accounts
from tests.support.event_plans import raid
from tests.support.messages import sent
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, F, shelter

LATE = {TaskKind.LATE, TaskKind.EVENT_LATE}


def expected(town, unit, hours, **facts):
    client = town.register(persons=((F, 30),), actor=DESK, **facts)
    town.confirm(town.hold_in(client, unit), town.at + timedelta(hours=hours))
    return client


def held(town, client):
    [one] = town.all(select(Hold).where(Hold.registration_id == client))
    return one.id


def late(town, actor=SYSTEM):
    with town.act(actor) as act:
        return [one for one in owned(act, derive(act)) if one.task.kind in LATE]


def kinds(town, actor=SYSTEM):
    return sorted((one.task.kind.value, one.task.registration or len(one.task.rows)) for one in late(town, actor))


def notices(town):
    town.do(task_notices.tell_of_tasks, actor=SYSTEM)
    return [one.account_id for one in sent(town, MessageKind.TASK_DUE)]


@pytest.mark.wide
def test_late_members_are_a_single_task_in_each_region(town):
    add_accounts(town, DESK, COORDINATOR)
    here = [expected(town, "U1-women", hours) for hours in (1, 2, 4)]
    there, alone = expected(town, "U2-family", 1, region="limburg"), expected(town, "U2-family", 1)
    event = raid(town, *here, there)
    town.later(hours=2.5)
    assert kinds(town) == sorted(("late", one) for one in (here[0], there, alone))
    town.later(hours=1)
    [joined] = [one for one in late(town) if one.task.kind is TaskKind.EVENT_LATE]
    assert (joined.task.about, joined.task.rings, joined.owner.reach, joined.beside.role) == (
        event, False, "amsterdam", DESK.role,
    )  # fmt: skip
    assert joined.task.page_for(DESK.role) == f"/events/{event}/day"
    assert kinds(town) == [("event_late", 2), *sorted(("late", one) for one in (there, alone))]
    assert kinds(town, COORDINATOR) == [("event_late", 2), ("late", alone)]
    assert kinds(town, ELSEWHERE) == [("late", there)]
    house = town.owner(held(town, here[0])).shelter_id
    assert kinds(town, shelter(house)) == sorted(("late", one) for one in (*here[:2], there, alone))
    town.later(hours=2)
    assert kinds(town) == [("event_late", 3), *sorted(("late", one) for one in (there, alone))]
    town.arrive(held(town, here[0]))
    town.arrive(held(town, here[2]))
    assert kinds(town) == sorted(("late", one) for one in (here[1], there, alone))


@pytest.mark.wide
def test_further_late_member_repeats_the_notices(town):
    add_accounts(town, DESK, COORDINATOR)
    raid(town, *(expected(town, "U1-women", hours) for hours in (1, 1, 3)))
    town.later(hours=2.5)
    first = notices(town)
    assert len(first) == len({*first})
    assert notices(town) == first
    town.later(hours=2)
    assert len(notices(town)) > len(first)
