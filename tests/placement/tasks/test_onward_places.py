"""An onward place is a task: after 72 hours in a crisis bed, and when a rule or a profile changes."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.clock import end_of
from placement.core.codes import ResidenceBasis, Scheme, Specialism, Urgency
from placement.core.reason_codes import ChangeReason
from placement.core.request_codes import RequestKind
from placement.core.rule_codes import RuleKind
from placement.notifications.task_notices import tell_of_tasks
from placement.placements.decisions import decisions
from placement.placements.stays import fact_changes
from placement.placements.stays.place_fit import broken_where_lived
from placement.registrations import requests
from placement.registrations.requests import Asked
from placement.shelters import closing
from placement.tables import Location, Registration, Shelter, TaskNotice, Unit
from tests.support import task_board
from tests.support.coming_changes import REFLECTION, says, takes
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, TODAY, F, M


def seen(town, actor=DESK):
    return [(task.kind.value, task.cause) for task in town.do(task_board.board, actor=actor).tasks]


def lives(town, unit, persons=((F, 30),)):
    case = town.register(persons)
    return case, town.house(case, unit)


def asks_onward(town, case):
    wanted = Asked(RequestKind.ONWARD, Urgency.CAN_WAIT)
    town.do(requests.ask, case, town.registration(case).version, wanted, actor=COORDINATOR)


def told(town):
    found = (one.content for one in town.all(select(TaskNotice)))
    return [(one.mark.value, one.told) for one in found if one.kind == "onward"]


def broken(town, case):
    with town.act() as act:
        return [one.rule for one in broken_where_lived(act, act.session.get_one(Registration, case))]


@pytest.mark.wide
def test_72_hours_in_a_crisis_bed_are_told_at_once(people):
    case, _ = lives(people, "U4-crisis")
    people.later(hours=72, seconds=-1)
    people.do(tell_of_tasks)
    assert (seen(people), told(people)) == ([], [])
    people.later(seconds=1)
    for actor in (DESK, COORDINATOR):
        [task] = people.do(task_board.board, actor=actor).tasks
        assert (task.kind.value, task.cause, task.since) == ("onward", "crisis", people.at)
    assert seen(people, ELSEWHERE) == []
    for _ in range(2):
        people.do(tell_of_tasks)
        assert told(people) == [("new", ("A-amsterdam",))]
    asks_onward(people, case)
    assert seen(people) == []


@pytest.mark.wide
def test_onward_task_of_a_crisis_bed_goes_with_the_stay(town):
    _, stay = lives(town, "U4-crisis")
    town.later(hours=72)
    assert seen(town) == [("onward", "crisis")]
    town.end(stay)
    assert seen(town) == []


@pytest.mark.wide
@one_store
def test_move_to_another_crisis_bed_does_not_begin_anew(town):
    case, _ = lives(town, "U4-crisis")
    with town.act() as act:
        act.session.get_one(Unit, "U5-social").scheme = Scheme.CRISIS
    town.later(hours=48)
    asks_onward(town, case)
    town.house(case, "U5-social")
    town.later(hours=24)
    assert seen(town) == [("onward", "crisis")]


def test_limit_of_a_crisis_bed_is_the_rule_of_the_day(town):
    lives(town, "U4-crisis")
    says(
        town,
        RuleKind.STAY_LIMIT,
        "crisis",
        bases=list(ResidenceBasis),
        days=1,
        schemes=["crisis"],
    )
    town.later(hours=12)
    assert seen(town) == []
    town.later(hours=12)
    assert seen(town) == [("onward", "crisis")]


@one_store
def test_limit_for_another_basis_is_none_here(town):
    lives(town, "U4-crisis")
    says(
        town,
        RuleKind.STAY_LIMIT,
        "crisis",
        bases=["ended"],
        days=1,
        schemes=["crisis"],
    )
    town.later(hours=96)
    assert seen(town) == []


@pytest.mark.wide
def test_changed_rule_asks_for_an_onward_place_from_its_day(town):
    case, _ = lives(town, "U1-women")
    lives(town, "U4-crisis")
    says(town, RuleKind.ENTITLEMENT, "reflection", bases=REFLECTION, schemes=["crisis"])
    assert (seen(town), broken(town, case)) == ([], [])
    town.later(days=1)
    for actor in (DESK, COORDINATOR):
        [task] = town.do(task_board.board, actor=actor).tasks
        assert (task.registration, task.kind.value, task.cause) == (case, "onward", "scheme")
    assert broken(town, case) == ["scheme"]
    asks_onward(town, case)
    assert seen(town) == []


@pytest.mark.wide
def test_rule_that_opens_nothing_leaves_a_broken_rule(town):
    case, _ = lives(town, "U1-women")
    says(town, RuleKind.ENTITLEMENT, "reflection", bases=REFLECTION, schemes=[])
    town.later(days=1)
    assert (seen(town), broken(town, case)) == ([("breaks_rule", None)], ["scheme"])


@pytest.mark.wide
def test_scheme_that_a_decision_set_aside_is_no_task(town):
    case = town.register(actor=COORDINATOR)
    decision = town.decide_on(case, "U5-social")
    town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    hold = town.hold_of(decision.id).id
    town.confirm(hold)
    town.arrive(hold)
    town.later(hours=96)
    assert (seen(town), broken(town, case)) == ([], [])


@pytest.mark.wide
@pytest.mark.parametrize(
    ("profile", "rule"),
    [
        ({"max_age": 29}, "age"),
        ({"admits": [M]}, "gender"),
        ({"languages": [], "interpreter_languages": []}, "language"),
    ],
)
def test_profile_that_bars_a_resident_asks_for_an_onward_place(town, profile, rule):
    case = town.register(actor=COORDINATOR, language_required=True)
    town.house(case, "U1-women")
    town.later(hours=1)
    takes(town, "U1-women", **profile)
    for actor in (DESK, COORDINATOR):
        assert seen(town, actor) == [("onward", "profile")]
    assert (broken(town, case), seen(town, ELSEWHERE)) == ([rule], [])
    town.later(hours=1)
    was = {"max_age": 120, "admits": [F], "languages": ["nl"], "interpreter_languages": ["*"]}
    takes(town, "U1-women", **{name: was[name] for name in profile})
    assert (seen(town), broken(town, case)) == ([], [])


@pytest.mark.wide
def test_profile_that_bars_another_client_is_no_task(town):
    lives(town, "U2-family", ((F, 33), (F, 3)))
    town.later(hours=1)
    takes(town, "U2-family", children_max_age=3, boys_max_age=0)
    assert seen(town) == []
    town.later(hours=1)
    takes(town, "U2-family", children_max_age=2, boys_max_age=0)
    assert seen(town) == [("onward", "profile")]


@pytest.mark.wide
def test_changed_fact_and_profile_are_two_tasks(town):
    case, _ = lives(town, "U1-women")
    town.later(hours=1)
    takes(town, "U1-women", max_age=29)
    why = {"reason": ChangeReason.CORRECTION, "confirm": True}
    needs = {"needs": [Specialism.PSYCHIATRIC]}
    town.do(fact_changes.change, case, town.registration(case).version, needs, actor=COORDINATOR, **why)
    assert seen(town) == [("breaks_rule", None), ("onward", "profile")]


@pytest.mark.wide
def test_rule_that_broke_on_arrival_is_no_change_of_the_profile(town):
    takes(town, "U1-women", max_age=29)
    case = town.register()
    decision = town.decide_on(case, "U1-women")
    town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    hold = town.hold_of(decision.id).id
    town.confirm(hold)
    town.arrive(hold)
    town.later(hours=1)
    takes(town, "U1-women", max_age=29, languages=["nl", "en", "fr"])
    assert (seen(town), broken(town, case)) == ([], [])


@pytest.mark.wide
@pytest.mark.parametrize(("table", "place"), [(Unit, "U1-women"), (Location, "L1"), (Shelter, "S1")])
def test_client_in_a_place_that_closes_needs_an_onward_one(people, table, place):
    """The placers are notified at once; the closing itself is a task of the shelter."""
    case, _ = lives(people, "U1-women")
    lives(people, "U4-crisis", ((F, 40),))
    day = TODAY + timedelta(days=3)
    people.do(closing.close, table, place, people.one(table.__tablename__, place).version, day)
    for actor in (DESK, COORDINATOR):
        [task] = [one for one in people.do(task_board.board, actor=actor).tasks if one.kind.value == "onward"]
        assert (task.registration, task.cause, task.due) == (case, "closing", end_of(day))
    people.do(tell_of_tasks)
    assert ("new", ("A-amsterdam",)) in told(people)
    asks_onward(people, case)
    assert seen(people) == []
