"""The review of a broken rule: a task from its day on, until a person of the desk records the review."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.core.codes import Role
from placement.core.context import SYSTEM
from placement.core.errors import Conflict, Invalid, NotAllowed
from placement.core.timeline_codes import About
from placement.notifications.task_notices import tell_of_tasks
from placement.placements import timeline
from placement.placements.decisions import decisions, override_review
from placement.registrations.case import PointInput, ThreatInput
from placement.registrations.case_check import valid
from placement.registrations.case_rows import set_parts
from placement.tables import Decision, Registration
from placement.tasks.listing import open_tasks
from placement.tasks.task import TaskKind
from tests.support.accounts import add_accounts
from tests.support.messages import sent
from tests.support.stores import both_stores, one_store
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, case_of

NEAR = [ThreatInput(PointInput(place="Alkmaar"), 20)]


def lived_in(town, **facts):
    """A client who lives near a place of danger, by a decision of two of the desk: the decision, and its stay."""
    add_accounts(town, DESK, OTHER_DESK)
    case = town.register(**{"parts": {"threats": NEAR}, **facts})
    day = town.do(lambda act: act.day)
    decided = town.override(town.propose(case), "U1-women", review_on=day + timedelta(days=3))
    town.do(decisions.answer_decision, decided.id, granted=True, actor=replace(OTHER_DESK, verified_at=town.at))
    hold = town.hold_of(decided.id).id
    town.confirm(hold)
    return decided, town.arrive(hold)


def tasks(town):
    return [one.task for one in town.do(open_tasks) if one.task.kind is TaskKind.OVERRIDE]


def look(town, decision, days=None, actor=OTHER_DESK):
    again = None if days is None else town.do(lambda act: act.day) + timedelta(days=days)
    return town.do(override_review.look_at, decision.id, again, actor=actor)


def fault_of(refused):
    return [(one.field, one.code) for one in refused.value.faults]


@pytest.mark.wide
def test_task_ends_when_the_desk_looked_until_the_next_day(town):
    decided, _ = lived_in(town)
    town.later(days=3)
    [task] = tasks(town)
    assert task.page_for(Role.DESK) == f"/decisions/{decided.id}"
    town.do(tell_of_tasks)
    told = len(sent(town))
    looked = look(town, decided, days=30)
    assert (looked.looked_at, looked.looked_by) == (town.at, OTHER_DESK.id)
    assert tasks(town) == []
    town.later(days=30)
    assert len(tasks(town)) == 1
    town.do(tell_of_tasks)
    assert len(sent(town)) > told  # the task is sent anew


@pytest.mark.wide
@both_stores
def test_second_look_on_the_same_day_is_refused_and_told(town):
    decided, _ = lived_in(town)
    town.later(days=3)
    looked = look(town, decided, days=30)
    with pytest.raises(Conflict, match="looked_at_today") as refused:
        look(town, decided, days=60, actor=DESK)
    assert refused.value.facts == {"day": f"{looked.review_on:%d-%m-%Y}"}
    assert look(town, decided, days=40).review_on == looked.review_on + timedelta(days=10)  # put right by the same
    town.later(days=1)
    assert look(town, decided, days=50, actor=DESK).looked_by == DESK.id


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("days", "code"), [(None, "review_missing"), (0, "day_passed")])
def test_rule_of_safety_still_broken_needs_a_next_day(town, days, code):
    decided, _ = lived_in(town)
    town.later(days=3)
    with pytest.raises(Invalid) as refused:
        look(town, decided, days=days)
    assert fault_of(refused) == [("again_on", code)]
    assert len(tasks(town)) == 1


@one_store
def test_no_next_day_is_needed_once_no_danger_is_left(town):
    decided, _ = lived_in(town)
    with town.act() as act:
        case = act.session.get_one(Registration, decided.registration_id)
        set_parts(act, case, valid(act, case_of({}, threats=[]), case))
    town.later(days=3)
    assert look(town, decided).review_on is None
    town.later(days=300)
    assert tasks(town) == []
    with pytest.raises(Conflict, match="nothing_to_look_at"):
        look(town, decided)


@one_store
def test_what_has_no_day_or_is_no_more_is_not_looked_at(town):
    plain = town.decide(town.propose(town.register()))
    with pytest.raises(Conflict, match="nothing_to_look_at"):
        look(town, plain, days=3)
    with pytest.raises(NotAllowed):
        look(town, plain, days=3, actor=COORDINATOR)


@pytest.mark.wide
def test_timeline_names_the_actor_and_the_next_day(town):
    decided, _ = lived_in(town)
    town.later(days=3)
    looked = look(town, decided, days=5)
    entries = town.do(timeline.timeline, decided.registration_id, before=None, limit=50).entries
    [entry] = [one for one in entries if one.event == "override:looked_at"]
    assert (entry.by, entry.at) == (OTHER_DESK.id, town.at)
    details = {detail.about: detail.values for detail in entry.details}
    assert details[About.AGAIN_ON] == (looked.review_on.isoformat(),)


@pytest.mark.wide
def test_broken_rule_without_a_day_is_looked_at_after_a_month(town):
    add_accounts(town, DESK, OTHER_DESK)
    decided = town.override(town.propose(town.register()), "U5-social")
    town.do(decisions.answer_decision, decided.id, granted=True, actor=OTHER_DESK)
    hold = town.hold_of(decided.id).id
    town.confirm(hold)
    town.arrive(hold)
    town.later(days=29)
    assert tasks(town) == []
    town.later(days=1)
    assert [task.about for task in tasks(town)] == [decided.id]
    assert look(town, decided).review_on is None
    assert tasks(town) == []


@one_store
@pytest.mark.parametrize(("unit", "days"), [("U5-social", 7), ("U4-crisis", None)])
def test_day_of_a_broken_rule_is_the_setting_and_else_none(town, unit, days):
    town.having(look_again_days=7)
    day = town.do(lambda act: act.day)
    decided = town.override(town.propose(town.register()), unit)
    assert decided.review_on == (None if days is None else day + timedelta(days=days))


@one_store
def test_past_day_of_a_broken_rule_is_refused(town):
    with pytest.raises(Invalid) as refused:
        town.override(town.propose(town.register()), "U5-social", review_on=town.do(lambda act: act.day))
    assert fault_of(refused) == [("review_on", "day_passed")]


@pytest.mark.wide
def test_decision_of_before_is_given_the_day_of_its_setting(town):
    add_accounts(town, DESK, OTHER_DESK)
    day = town.do(lambda act: act.day)
    decided, soft = (town.override(town.propose(town.register()), unit) for unit in ("U5-social", "U4-crisis"))
    town.do(decisions.answer_decision, decided.id, granted=True, actor=OTHER_DESK)
    for one in (decided, soft):
        hold = town.hold_of(one.id).id
        town.confirm(hold)
        town.arrive(hold)
        with town.act() as act:
            act.session.get_one(Decision, one.id).review_on = None
    town.later(days=40)
    assert tasks(town) == []
    assert [town.do(override_review.give_days, actor=SYSTEM) for _ in range(2)] == [1, 0]
    assert town.one("decision", decided.id).review_on == day + timedelta(days=30)
    assert town.one("decision", soft.id).review_on is None
    assert [task.about for task in tasks(town)] == [decided.id]
    assert look(town, decided).review_on is None
    assert town.do(override_review.give_days, actor=SYSTEM) == 0
    assert tasks(town) == []
