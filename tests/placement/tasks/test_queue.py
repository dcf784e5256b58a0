"""The first page of who places: what the reader does, what others do, who is expected, and who waits."""

from datetime import timedelta

import pytest

from placement.core.codes import Gender
from placement.registrations.case import PersonInput
from placement.tasks.queue import WAITING_SHOWN, queue
from tests.support.day_of_tasks import asked, refused
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, TODAY


def kinds(owned):
    return [one.task.kind.value for one in owned]


def shown(town, actor):
    found = town.do(queue, actor=actor)
    return kinds(found.to_do), kinds(found.with_others)


@pytest.mark.wide
def test_task_is_to_do_for_its_owner_and_with_others_elsewhere(people):
    refused(people)
    assert shown(people, COORDINATOR) == (["search_again"], [])
    assert shown(people, DESK) == ([], ["search_again"])
    assert shown(people, ELSEWHERE) == ([], [])
    people.later(hours=1)
    assert shown(people, DESK) == (["search_again"], [])


@pytest.mark.wide
@one_store
def test_hold_is_with_others_until_the_shelter_is_late(people):
    _, hold = asked(people)
    assert shown(people, DESK) == ([], ["hold"])
    found = people.do(queue, actor=DESK)
    assert found.next_at == people.at + timedelta(hours=2)
    people.later(hours=2)
    assert shown(people, DESK) == (["hold"], [])
    people.confirm(hold, people.at + timedelta(hours=1))
    found = people.do(queue, actor=DESK)
    assert (kinds(found.to_do), kinds(found.with_others)) == ([], [])
    assert ([one.registration for one in found.arrivals], found.next_at) != ([], None)


@pytest.mark.wide
@one_store
def test_missing_count_and_long_stay_are_tasks_with_the_place(people):
    _, hold = asked(people)
    people.confirm(hold)
    people.arrive(hold)
    people.later(days=61)
    found = people.do(queue, actor=DESK)
    counts = [one.task.place for one in found.to_do if one.task.kind == "count_missing"]
    assert sorted(counts) == ["Opvang 1", "Opvang 2", "Opvang 3"]
    [stays] = [one.task for one in found.with_others if one.task.kind == "stay_is_long"]
    assert stays.place == "U1-women, Opvang 1"
    assert kinds(people.do(queue, actor=COORDINATOR).to_do) == ["stay_is_long"]


@pytest.mark.wide
@one_store
def test_desk_has_the_long_stay_of_a_region_without_coordinator(people):
    people.house(people.register(region="limburg"))
    people.later(days=61)
    assert "stay_is_long" in kinds(people.do(queue, actor=DESK).to_do)


@pytest.mark.wide
@one_store
def test_waiting_cases_are_counted_and_named_once(people):
    for urgency in (4, 2, 2, *[3] * WAITING_SHOWN):
        people.register(actor=COORDINATOR, urgency=urgency)
    found = people.do(queue, actor=COORDINATOR)
    assert dict(found.waits) == {2: 2, 3: WAITING_SHOWN, 4: 1}
    assert [case.urgency for case in found.waiting] == [2, 2, *[3] * (WAITING_SHOWN - 2)]
    assert dict(people.do(queue, actor=ELSEWHERE).waits) == {}
    people.later(days=30)
    found = people.do(queue, actor=COORDINATOR)
    assert (sum(found.waits.values()), len(found.to_do), found.waiting) == (WAITING_SHOWN + 3, WAITING_SHOWN + 3, ())


@one_store
def test_brief_is_of_each_case_that_is_named_and_no_other(people):
    household = [PersonInput(Gender.FEMALE, 31, guardian=True), PersonInput(Gender.FEMALE, 9)]
    case = people.register(actor=COORDINATOR, urgency=1, needed_by=TODAY, persons=household)
    people.register(actor=COORDINATOR, urgency=4)
    people.later(hours=1)
    found = people.do(queue, actor=COORDINATOR)
    assert {*found.briefs} == {case}
    assert [(person.gender, person.age, person.group) for person in found.briefs[case].persons] == [
        ("female", 31, "adult"),
        ("female", 9, "minor"),
    ]
