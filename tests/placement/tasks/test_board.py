"""The task board: derived from states and time, with counts of all and the most urgent first."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.clock import day_of
from placement.core.codes import Gender, ResidenceBasis, Urgency
from placement.core.reason_codes import ChangeReason
from placement.core.request_codes import RequestKind
from placement.placements.decisions import decisions
from placement.placements.holds import arrivals, holds
from placement.placements.proposals import proposals
from placement.placements.stays import fact_changes
from placement.registrations import requests
from placement.registrations.case import PersonInput, PointInput, ThreatInput
from placement.registrations.requests import Asked
from placement.tables import Stay
from placement.tasks.listing import asked_of_shelter
from placement.tasks.task import TaskKind
from tests.support import task_board
from tests.support.audit_log import logged
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, TODAY, shelter

DAY = timedelta(days=1)


def seen(town, actor=DESK):
    return [(task.kind.value, task.cause) for task in town.do(task_board.board, actor=actor).tasks]


def asked(town, **facts):
    case = town.register(actor=COORDINATOR, **facts)
    return case, town.hold_in(case, "U1-women")


def refused(town):
    case, hold = asked(town)
    town.refuse(hold, "house_mix")
    return case


def expired(town):
    case, _ = asked(town)
    town.later(hours=4)
    town.do(holds.expire_due)
    return case


def against_a_danger(town):
    """A client who lives in a place that a new danger is near."""
    case, hold = asked(town)
    town.confirm(hold)
    town.arrive(hold)
    near = [ThreatInput(PointInput(place="Alkmaar"), 20)]
    version = town.registration(case).version
    why = {"reason": ChangeReason.NEW_DANGER, "confirm": True}
    town.do(fact_changes.change, case, version, {}, threats=near, actor=COORDINATOR, **why)
    return case


@pytest.mark.wide
def test_permit_asks_for_an_onward_place_until_it_is_sought(town):
    case, hold = asked(town)
    town.confirm(hold)
    town.arrive(hold)
    permit = {"residence_basis": ResidenceBasis.DUTCH}
    why = {"reason": ChangeReason.RESIDENCE, "confirm": True}
    town.do(fact_changes.change, case, town.registration(case).version, permit, actor=COORDINATOR, **why)
    assert seen(town) == [("onward", "scheme")]
    wanted = Asked(RequestKind.ONWARD, Urgency.CAN_WAIT)
    town.do(requests.ask, case, town.registration(case).version, wanted, actor=COORDINATOR)
    assert seen(town) == []
    town.later(days=1)
    hold = town.hold_in(case)
    assert town.one("hold", hold).unit_id == "U5-social"
    town.confirm(hold)
    town.arrive(hold)
    assert (seen(town), town.registration(case).breaks) == ([], [])


def not_arrived(town):
    case, hold = asked(town)
    town.confirm(hold)
    town.later(hours=24)
    town.no_show(hold)
    return case


def broken_off(town):
    case, hold = asked(town)
    town.confirm(hold)
    town.end(town.arrive(hold).id, "asked_to_leave")
    return case


def lapsed(town):
    case = town.register(actor=COORDINATOR)
    town.decide_on(case, "U1-women", actor=COORDINATOR)
    town.later(hours=4)
    town.do(decisions.expire_waiting)
    return case


def not_agreed(town):
    case = town.register(actor=COORDINATOR)
    decision = town.decide_on(case, "U1-women", actor=COORDINATOR)
    town.do(decisions.answer_decision, decision.id, granted=False)
    return case


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("what", "cause"),
    [
        (refused, "house_mix"),
        (expired, "hold_expired"),
        (not_arrived, "no_show"),
        (broken_off, "asked_to_leave"),
        (lapsed, "decision_lapsed"),
        (not_agreed, "decision_refused"),
    ],
)
def test_lost_place_is_a_task_until_one_is_sought_again(town, what, cause):
    case = what(town)
    for actor in (DESK, COORDINATOR):
        assert seen(town, actor) == [("search_again", cause)]
    assert seen(town, ELSEWHERE) == []
    town.later(minutes=1)
    town.propose(case)
    assert seen(town) == []


@pytest.mark.wide
def test_task_search_again_lasts_until_proposal_or_decision(town):
    case = refused(town)
    town.full("R1", "R2", "R3", "R4", "R5", "R6", "R7")
    town.later(minutes=1)
    assert town.one("proposal", town.propose(case)).unit_id is None
    assert seen(town) == [("search_again", "house_mix")]
    for shelter_id in ("S1", "S2"):
        town.report(shelter_id)
    town.propose(case)
    assert seen(town) == []
    town.later(hours=5)
    town.do(proposals.expire_proposals)
    assert seen(town) == [("search_again", "house_mix")]


@pytest.mark.wide
def test_task_early_lapse_is_since_now_and_frees_the_bed(town):
    case = town.register(actor=COORDINATOR)
    town.later(hours=73)
    town.decide_on(case, "U1-women")
    town.full("R1", "R2", "R3")
    [task] = town.do(task_board.board).tasks
    assert (task.cause, task.since) == ("decision_lapsed", town.at)


def test_release_by_coordinator_or_desk_is_no_task(town):
    _, hold = asked(town)
    town.release(hold, "declines_place")
    assert seen(town) == []


@pytest.mark.wide
def test_decision_and_hold_wait_with_their_due_moment(town):
    case = town.register(actor=COORDINATOR)
    decision = town.decide_on(case, "U1-women", actor=COORDINATOR)
    [waits] = town.do(task_board.board).tasks
    assert (waits.kind, waits.decision.id, waits.due) == ("decision", decision.id, town.at + timedelta(hours=4))
    town.do(decisions.answer_decision, decision.id, granted=True)
    [waits] = town.do(task_board.board).tasks
    assert (waits.kind, waits.since, waits.place) == ("hold", town.at, "U1-women, Opvang 1")


@pytest.mark.parametrize(("minutes", "urgency", "count"), [(59, 1, 0), (60, 1, 1), (600, 2, 0)])
def test_tonight_without_a_place_is_a_task_after_an_hour(town, minutes, urgency, count):
    town.register(urgency=urgency, needed_by=TODAY)
    town.later(minutes=minutes)
    assert seen(town) == [("urgent", None)] * count


@pytest.mark.wide
def test_urgent_after_a_stay_is_since_the_day_it_ended(town):
    case, hold = asked(town)
    town.confirm(hold)
    stay = town.arrive(hold)
    town.later(days=40)
    for shelter_id in ("S1", "S2", "S3"):
        town.report(shelter_id)
    town.end(stay.id, "moved_for_safety")
    town.later(minutes=1)
    town.propose(case)
    [task] = town.do(task_board.board).tasks
    assert (task.kind, day_of(task.since)) == ("urgent", day_of(town.at))


@pytest.mark.wide
def test_confirmed_is_an_arrival_and_late_after_its_moment(town):
    case, hold = asked(town)
    town.confirm(hold, town.at + timedelta(hours=2))
    [arrival] = town.do(task_board.board).arrivals
    assert (arrival.registration, arrival.agreed.expected_at) == (case, town.at + timedelta(hours=2))
    assert seen(town) == []
    town.later(hours=3, seconds=-1)
    assert seen(town) == []
    town.later(seconds=1)
    assert seen(town) == [("late", None)]
    town.arrive(hold)
    board = town.do(task_board.board)
    assert (board.tasks, board.arrivals) == ([], ())


@pytest.mark.wide
def test_client_expected_again_is_late_whatever_was_sought(town):
    """A bed that was kept elsewhere meanwhile is given back: its hold is the later hold, and awaits no client."""
    case, hold = asked(town)
    town.confirm(hold, town.at + timedelta(hours=2))
    town.later(hours=2)
    town.no_show(hold)
    town.later(minutes=5)
    town.hold_in(case, "U2-family")
    town.do(arrivals.reverse_no_show, hold)
    board = town.do(task_board.board)
    assert [(one.registration, one.place) for one in board.arrivals] == [(case, "U1-women, Opvang 1")]
    town.later(hours=1)
    assert seen(town) == [("late", None)]


@pytest.mark.wide
def test_board_counts_all_and_shows_the_most_urgent_first(town):
    for number in range(23):
        town.register(urgency=1, needed_by=TODAY, **({"needs": ["psychiatric"]} if number % 2 else {}))
    refused(town)
    town.later(hours=2)
    board = town.do(task_board.board)
    assert len(board.tasks) == 24
    assert [task.urgency for task in board.tasks] == sorted(task.urgency for task in board.tasks)
    assert len({task.key for task in board.tasks}) == 24


def test_board_leaves_audit_events_that_name_every_case(town):
    case = refused(town)
    waits = town.register(urgency=4)
    before = len(town.events())
    town.do(task_board.board)
    assert town.events(before) == ["task:listed", "registration:listed"]
    [tasks], [waiting] = logged(town, event="task:listed"), logged(town, event="registration:listed")
    assert (tasks.facts["shown"], waiting.facts["shown"]) == ([case], [waits])


@pytest.mark.wide
def test_shelter_sees_what_it_must_answer_and_expect(town):
    case, hold = asked(town)
    expected, other = asked(town)
    town.confirm(other)
    found = town.do(asked_of_shelter, actor=shelter("S1"))
    assert set(found.holds) == {hold, other}
    assert set(found.tasks) >= {f"hold-{case}", f"arrival-{expected}"}
    found = town.do(asked_of_shelter, actor=shelter("S2"))
    assert found.holds == ()


@pytest.mark.parametrize("lives_there", [False, True], ids=["waiting", "resident"])
def test_minor_turning_18_is_a_task_on_that_day_alone(town, lives_there):
    family = [PersonInput(Gender.FEMALE, 40, guardian=True), PersonInput(Gender.FEMALE, 17, adult_on=TODAY + DAY)]
    case = town.register(family, actor=COORDINATOR)
    if lives_there:
        town.house(case, "U2-family")
    town.register([PersonInput(Gender.FEMALE, 17, adult_on=TODAY + 3 * DAY)], actor=COORDINATOR)
    town.register([PersonInput(Gender.FEMALE, 17)], actor=COORDINATOR)
    assert ("adult", None) not in seen(town)
    town.later(days=1)
    for actor in (DESK, COORDINATOR):
        tasks = town.do(task_board.board, actor=actor).tasks
        assert [task.registration for task in tasks if task.kind is TaskKind.ADULT] == [case]
    assert ("adult", None) not in seen(town, ELSEWHERE)
    town.later(days=1)
    assert ("adult", None) not in seen(town)


@pytest.mark.wide
def test_place_that_breaks_a_rule_is_a_task_until_it_does_not(town):
    case = against_a_danger(town)
    for actor in (DESK, COORDINATOR):
        [task] = town.do(task_board.board, actor=actor).tasks
        assert (task.kind.value, task.registration) == ("breaks_rule", case)
    assert seen(town, ELSEWHERE) == []
    version = town.registration(case).version
    town.do(fact_changes.change, case, version, {}, threats=[], actor=COORDINATOR, reason=ChangeReason.CORRECTION)
    assert seen(town) == []


def test_task_of_a_broken_rule_goes_with_the_stay(town):
    case = against_a_danger(town)
    [stay] = [one for one in town.all(select(Stay)) if one.registration_id == case]
    town.end(stay.id)
    assert seen(town) == []
