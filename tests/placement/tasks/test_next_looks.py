"""A client for whom a place is sought always has a next look: an hour for tonight, each morning within days, else each
week. A search is a look, unless it found a place on which nobody decided in time.
"""

from datetime import UTC, datetime, timedelta

import pytest

from placement.core.clock import end_of, start_of
from placement.core.codes import Urgency
from placement.placements.proposals import proposals
from placement.registrations.next_look import next_look_at
from placement.tables import Registration
from placement.tasks.listing import derive, owned
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, TODAY

DAY = timedelta(days=1)
NINE = start_of(TODAY) + timedelta(hours=9)
"""On the day of registering, an hour and more before it."""


def waiting(town, actor=COORDINATOR):
    with town.act(actor) as act:
        return [one for one in owned(act, derive(act)) if one.task.kind.value in {"still_waiting", "urgent"}]


def looked_in_vain(town, case):
    """A search that finds nobody a bed."""
    assert town.one("proposal", town.propose(case, actor=COORDINATOR)).unit_id is None


def without_any_place(town, **facts):
    town.full("R1", "R2", "R3", "R4", "R5", "R6", "R7")
    return town.register(actor=COORDINATOR, **facts)


def next_look(town, case):
    with town.act() as act:
        return next_look_at(act, act.session.get_one(Registration, case))


@pytest.mark.wide
def test_client_past_needed_by_is_a_task_after_a_search_in_vain(people):
    """Within days, needed today, and no unit for it: seen for weeks without a task."""
    case = without_any_place(people, urgency=Urgency.DAYS, needed_by=TODAY)
    looked_in_vain(people, case)
    assert waiting(people) == []
    people.at = NINE + DAY
    [found] = waiting(people)
    task, owner = found.task, found.owner
    assert (task.kind.value, task.registration, task.since, task.due) == (
        "still_waiting",
        case,
        people.at,
        end_of(TODAY),
    )
    assert (owner.role.value, owner.reach) == ("coordinator", "amsterdam")
    assert [one.role.value for one in found.owners(people.at)] == ["coordinator"]
    assert [one.role.value for one in found.owners(people.at + DAY)] == ["coordinator", "desk"]
    assert waiting(people, ELSEWHERE) == []
    assert [one.task.registration for one in waiting(people, DESK)] == [case]
    looked_in_vain(people, case)
    assert waiting(people) == []
    people.later(days=1)
    assert [one.task.registration for one in waiting(people)] == [case]


@one_store
@pytest.mark.parametrize(
    ("urgency", "needed_in", "days"),
    [
        (Urgency.DAYS, 9, 1),
        (Urgency.WEEK, 14, 7),
        (Urgency.CAN_WAIT, 60, 7),
        (Urgency.CAN_WAIT, 3, 3),  # the day by which it is needed is earlier
        (Urgency.CAN_WAIT, 0, 1),
    ],
)
def test_next_look_follows_urgency_and_the_day_of_need(town, urgency, needed_in, days):
    case = town.register(actor=COORDINATOR, urgency=urgency, needed_by=TODAY + needed_in * DAY)
    due = NINE + days * DAY
    assert next_look(town, case) == due
    town.at = due - timedelta(seconds=1)
    assert waiting(town) == []
    town.at = due
    [found] = waiting(town)
    assert found.task.since == due


@one_store
def test_day_of_need_that_passed_is_as_urgent_as_within_days(town):
    town.register(actor=COORDINATOR, urgency=Urgency.CAN_WAIT, needed_by=TODAY + DAY)
    town.at = NINE + DAY
    assert [one.task.urgency for one in waiting(town)] == [Urgency.CAN_WAIT]
    town.later(days=1)
    assert [one.task.urgency for one in waiting(town)] == [Urgency.DAYS]


@one_store
def test_case_of_the_night_is_looked_at_in_the_same_morning(town):
    town.at = NINE + timedelta(hours=18)  # three at night
    case = town.register(actor=COORDINATOR, urgency=Urgency.DAYS)
    assert next_look(town, case) == NINE + DAY


@pytest.mark.wide
@one_store
def test_place_for_tonight_is_looked_for_each_hour(town):
    case = without_any_place(town, urgency=Urgency.TONIGHT, needed_by=TODAY)
    town.later(hours=1)
    [found] = waiting(town)
    assert (found.task.kind.value, found.task.due) == ("urgent", town.at)
    town.later(minutes=10)
    looked_in_vain(town, case)
    [found] = waiting(town)
    assert found.task.due == next_look(town, case) == town.at + timedelta(hours=1)


def test_search_with_a_place_but_without_a_decision_is_no_look(town):
    case = town.register(actor=COORDINATOR, urgency=Urgency.CAN_WAIT, needed_by=TODAY + 60 * DAY)
    due = next_look(town, case)
    assert due == NINE + 7 * DAY
    town.later(days=2)
    town.report("S1")
    assert town.one("proposal", town.propose(case, actor=COORDINATOR)).unit_id is not None
    assert next_look(town, case) == due + 2 * DAY
    town.later(hours=5)
    town.do(proposals.expire_proposals)
    assert next_look(town, case) == due


@one_store
def test_later_first_day_is_not_looked_at_before(town):
    first = TODAY + 40 * DAY
    case = town.register(actor=COORDINATOR, urgency=Urgency.CAN_WAIT, needed_from=first, needed_by=first)
    assert next_look(town, case) == NINE + 26 * DAY
    town.at = NINE + 25 * DAY
    assert waiting(town) == []
    town.later(days=1)
    assert [one.task.registration for one in waiting(town)] == [case]


@one_store
def test_next_look_of_a_held_client_is_none(town):
    case = town.register()
    town.hold_in(case, "U1-women")
    assert next_look(town, case) is None


@pytest.mark.wide
@one_store
def test_each_look_that_is_due_is_a_task_of_its_own(town):
    """Each name is new, so that each task is sent."""
    case = without_any_place(town, urgency=Urgency.DAYS)
    names = set()
    for _ in range(3):
        town.at = next_look(town, case)
        with town.act() as act:
            names.add(next(task.id(act.session) for task in derive(act) if task.kind.value == "still_waiting"))
        looked_in_vain(town, case)
    assert len(names) == 3


@one_store
def test_summer_time_moves_no_morning(town):
    town.at = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)
    case = town.register(actor=COORDINATOR, urgency=Urgency.DAYS, needed_by=TODAY + 200 * DAY)
    assert next_look(town, case) == datetime(2027, 3, 28, 7, 0, tzinfo=UTC)
