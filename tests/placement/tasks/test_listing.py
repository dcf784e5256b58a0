"""The tasks of each reader: whose each is, to whom it goes when it is late, and that it goes away with its state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.capacity.place_names import place_of
from placement.core.codes import Role, Urgency
from placement.core.context import SYSTEM, Actor
from placement.placements.decisions import decisions
from placement.placements.stays import stays
from placement.registrations.case import PointInput, ThreatInput
from placement.shelters import closing
from placement.tables import Unit
from placement.tasks.listing import Owner, open_tasks
from tests.support.audit_log import logged
from tests.support.day_of_tasks import asked, refused
from tests.support.stores import one_store
from tests.support.town import ADMIN, COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, shelter

AUDITOR = Actor("A-auditor", Role.AUDITOR, session_id="Z")


def found(town, actor=DESK):
    return [(one.task.kind.value, one.owner, one.next) for one in town.do(open_tasks, actor=actor)]


def kinds(town, actor=DESK):
    return [one.task.kind.value for one in town.do(open_tasks, actor=actor)]


def names(town, actor):
    with town.act(actor) as act:
        return {one.task.kind.value: one.task.id(act.session) for one in open_tasks(act)}


def lives(town):
    _, hold = asked(town)
    town.confirm(hold)
    return town.arrive(hold).id


COORDINATORS = Owner(Role.COORDINATOR, "amsterdam")
STAFF = Owner(Role.SHELTER_STAFF, "S1")
DESKS, CALLED = Owner(Role.DESK), Owner(Role.DESK, "on_call")


@pytest.mark.wide
def test_hold_is_one_task_of_the_shelter_for_each_reader(people):
    asked(people)
    for actor in (DESK, COORDINATOR, shelter("S1")):
        assert found(people, actor) == [("hold", STAFF, DESKS)]
    assert len({names(people, actor)["hold"] for actor in (DESK, COORDINATOR, shelter("S1"))}) == 1
    for actor in (ELSEWHERE, shelter("S2"), AUDITOR):
        assert found(people, actor) == []


@pytest.mark.wide
@one_store
def test_area_or_shelter_without_people_is_the_desks(town):
    refused(town)
    asked(town)
    assert found(town) == [("search_again", DESKS, CALLED), ("hold", DESKS, CALLED)]


@pytest.mark.wide
@one_store
def test_lost_place_is_the_coordinators_and_then_the_desks(people):
    refused(people)
    [one] = people.do(open_tasks, actor=COORDINATOR)
    assert (one.owners(people.at), one.next) == ((COORDINATORS,), DESKS)
    assert one.owners(people.at + timedelta(hours=1)) == (COORDINATORS, DESKS)


@pytest.mark.wide
@one_store
def test_decision_for_a_count_is_the_shelters_without_a_case(people):
    people.later(hours=73)
    case = people.register(actor=COORDINATOR)
    decided = people.decide_on(case, "U1-women", actor=COORDINATOR)
    people.do(decisions.answer_decision, decided.id, granted=True)
    tasks = {one.task.kind.value: one for one in people.do(open_tasks, actor=shelter("S1"))}
    waits = tasks["decision"]
    assert (waits.task.registration, waits.task.about, waits.owner) == (None, decided.id, STAFF)
    assert names(people, DESK)["decision"] == names(people, shelter("S1"))["decision"]
    people.report("S1")
    assert "decision" not in kinds(people, shelter("S1"))


@pytest.mark.wide
@one_store
def test_arrival_is_the_shelters_until_late_and_then_both(people):
    _, hold = asked(people)
    people.confirm(hold, people.at + timedelta(hours=2))
    assert found(people, shelter("S1")) == [("arrival", STAFF, None)]
    people.later(hours=3)
    assert kinds(people, shelter("S1")) == kinds(people, COORDINATOR) == ["late"]
    people.arrive(hold)
    assert kinds(people, shelter("S1")) == kinds(people, COORDINATOR) == []


@one_store
def test_count_is_missing_after_a_day_and_the_desks_after_three(people):
    people.later(hours=24, minutes=1)
    assert kinds(people, shelter("S1")) == ["count_missing"]
    assert found(people) == [("count_missing", DESKS, CALLED)]  # of S3, of which nobody has an account
    people.later(hours=48)
    assert kinds(people) == ["count_missing"] * 3
    people.report("S1")
    assert kinds(people, shelter("S1")) == []


@pytest.mark.wide
@one_store
def test_contradicted_profile_is_a_question_to_the_shelter(people):
    _, hold = asked(people)
    people.refuse(hold, "need_beyond_unit")
    assert kinds(people, shelter("S1")) == ["profile_question"]
    assert "profile_question" not in kinds(people)
    people.later(days=7)
    assert "profile_question" in kinds(people)


@pytest.mark.wide
@one_store
def test_long_stay_is_a_task_from_day_60_to_its_end(people):
    stay = lives(people)
    limit = people.one("stay", stay).limit_on
    people.later(days=round((limit - people.one("stay", stay).starts_on).days * 2 / 3) - 1)
    assert "stay_is_long" not in kinds(people)
    people.later(days=1)
    for actor in (COORDINATOR, shelter("S1")):
        assert "stay_is_long" in kinds(people, actor)
    before = names(people, COORDINATOR)["stay_is_long"]
    people.later(days=20)
    assert names(people, COORDINATOR)["stay_is_long"] != before
    people.end(stay)
    assert "stay_is_long" not in kinds(people)


@pytest.mark.wide
@one_store
def test_long_stay_is_a_task_again_four_weeks_after_a_reason(people):
    stay = lives(people)
    limit, began = people.one("stay", stay).limit_on, people.one("stay", stay).starts_on
    people.later(days=(limit - began).days + 1)
    people.do(stays.name_blocker, stay, "waits_for_housing")
    assert "stay_is_long" not in kinds(people, COORDINATOR)
    people.later(days=27)
    assert "stay_is_long" not in kinds(people, COORDINATOR)
    people.later(days=1)
    for actor in (COORDINATOR, shelter("S1")):
        assert "stay_is_long" in kinds(people, actor)
    people.do(stays.name_blocker, stay, "waits_for_housing")
    assert "stay_is_long" not in kinds(people, COORDINATOR)


@pytest.mark.wide
def test_place_that_closes_is_a_task_while_clients_are_in_it(people):
    stay = lives(people)
    people.do(closing.close, Unit, "U1-women", 1, people.do(lambda act: act.day) + timedelta(days=3))
    [task] = [one for one in people.do(open_tasks, actor=shelter("S1")) if one.task.kind.value == "closing"]
    assert (task.owner, task.next, task.task.page_for(Role.DESK)) == (STAFF, DESKS, "/register/unit/U1-women")
    assert task.task.urgency == Urgency.CAN_WAIT
    assert task.task.place == people.do(lambda act: place_of(act.session, "U1-women"))
    assert "closing" not in kinds(people)
    people.later(days=4)
    [passed] = [one for one in people.do(open_tasks) if one.task.kind.value == "closing"]
    assert passed.task.urgency == Urgency.DAYS
    people.end(stay)
    assert "closing" not in kinds(people)


@pytest.mark.wide
@one_store
def test_override_is_the_desks_again_from_its_day_on(town):
    near = [ThreatInput(PointInput(place="Alkmaar"), 20)]
    case = town.register(parts={"threats": near})
    day = town.do(lambda act: act.day)
    decided = town.override(town.propose(case), "U1-women", review_on=day + timedelta(days=3))
    fresh = replace(OTHER_DESK, verified_at=town.at)
    town.do(decisions.answer_decision, decided.id, granted=True, actor=fresh)
    hold = town.hold_of(decided.id).id
    town.confirm(hold)
    stay = town.arrive(hold)
    town.later(days=2)
    assert "override" not in kinds(town)
    town.later(days=1)
    assert ("override", DESKS, None) in found(town)
    assert "override" not in kinds(town, COORDINATOR)
    town.end(stay.id)
    assert "override" not in kinds(town)


@one_store
def test_admin_has_what_is_missing_and_desk_no_admins_task(town):
    assert set(kinds(town, ADMIN)) == {"set_up"}
    assert {one.owner for one in town.do(open_tasks, actor=ADMIN)} == {Owner(Role.ADMIN)}
    assert "set_up" not in kinds(town)


@one_store
def test_listing_leaves_one_audit_event_with_its_cases(people):
    case = refused(people)
    before = len(people.events())
    people.do(open_tasks)
    assert people.events(before) == ["task:listed"]
    [line] = logged(people, event="task:listed")
    assert line.facts["shown"] == [case]


@pytest.mark.wide
@one_store
def test_service_itself_has_every_task_once(people):
    refused(people)
    asked(people)
    case = people.register(actor=COORDINATOR)
    people.decide_on(case, "U1-women", actor=COORDINATOR)
    people.later(hours=30)
    people.do(decisions.expire_waiting)
    with people.act(SYSTEM) as act:
        ids = [one.task.id(act.session) for one in open_tasks(act)]
    assert len(ids) == len(set(ids)) > 3


@one_store
def test_old_count_is_done_by_staff_and_looked_at_by_desk(people):
    people.later(days=9)
    for actor, page in (shelter("S1"), "/capacity"), (DESK, "/shelters/S1"):
        pages = {one.task.page_for(actor.role) for one in people.do(open_tasks, actor=actor) if one.owner == STAFF}
        assert pages == {page}
