"""A place that is kept for a client who has not arrived, and breaks a rule since it was decided, is a task."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.capacity.report import RoomInput
from placement.capacity.vacancy import OtherUse
from placement.core.codes import Specialism, Urgency
from placement.core.reason_codes import ChangeReason
from placement.core.request_codes import RequestGround, RequestKind
from placement.core.rule_codes import RuleKind
from placement.notifications.task_notices import tell_of_tasks
from placement.placements.decisions import decisions
from placement.placements.stays import fact_changes
from placement.placements.stays.place_fit import broken_where_lived
from placement.registrations import requests
from placement.registrations.case import PointInput, ThreatInput
from placement.registrations.requests import Asked
from placement.shelters import closing, register
from placement.tables import Registration, Room, TaskNotice, Unit
from tests.support import task_board
from tests.support.coming_changes import REFLECTION, says, takes
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, ROOMS, TODAY, F, M

STATES = ("reserved", "asked", "confirmed")
BREAKS, LATER = ("breaks_rule", None), timedelta(days=30)


def kept(town, state="confirmed", **facts):
    """A client for whom a place in U1-women is kept, which waits for this: the case and the hold."""
    case = town.register(actor=COORDINATOR, **facts)
    decision = town.decide_on(case, "U1-women", actor=COORDINATOR)
    hold = town.hold_of(decision.id).id
    if state != "reserved":
        town.do(decisions.answer_decision, decision.id, granted=True, actor=OTHER_DESK)
    if state == "confirmed":
        town.confirm(hold)
    town.later(minutes=5)
    return case, hold


def seen(town, actor=DESK):
    of_state = {"decision", "hold", "arrival"}
    found = town.do(task_board.board, actor=actor).tasks
    return [(task.kind.value, task.cause) for task in found if task.kind.value not in of_state]


def broken(town, case):
    with town.act() as act:
        return [one.rule for one in broken_where_lived(act, act.session.get_one(Registration, case))]


def moves_nearer(town, near="Zwolle"):
    """Moves the location elsewhere in the register."""
    version = town.one("location", "L1").version
    town.do(register.change_location, "L1", version, {}, PointInput(place=near))


def changes_room(town, room="R1", **values):
    town.do(register.change_room, room, town.one("room", room).version, values)


def rooms_of(town, case):
    beds = [claim.bed_id for claim in town.claims(case)]
    return {town.one("bed", bed).room_id for bed in beds}


@pytest.mark.wide
@pytest.mark.parametrize("state", STATES)
def test_profile_that_bars_an_expected_client_is_a_task(town, state):
    case, _ = kept(town, state)
    takes(town, "U1-women", max_age=29)
    for actor in (DESK, COORDINATOR):
        assert seen(town, actor) == [BREAKS]
    assert (seen(town, ELSEWHERE), broken(town, case)) == ([], ["age"])
    town.later(minutes=5)
    takes(town, "U1-women", max_age=120)
    assert (seen(town), broken(town, case)) == ([], [])


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("facts", "profile", "rule"),
    [
        ({}, {"admits": [M]}, "gender"),
        ({"language_required": True}, {"languages": [], "interpreter_languages": []}, "language"),
        ({"accepts_mixed": False}, {"admits": [F, M]}, "mixed_accepted"),
    ],
)
def test_each_part_of_a_profile_counts_until_the_arrival(town, facts, profile, rule):
    case, _ = kept(town, **facts)
    assert broken(town, case) == []
    takes(town, "U1-women", **profile)
    assert (seen(town), broken(town, case)) == ([BREAKS], [rule])


@pytest.mark.wide
@one_store
def test_specialism_withdrawn_before_the_arrival_is_a_task(town):
    takes(town, "U1-women", specialisms=[Specialism.PSYCHIATRIC])
    case, _ = kept(town, needs=[Specialism.PSYCHIATRIC])
    assert seen(town) == []
    takes(town, "U1-women", specialisms=[])
    assert (seen(town), broken(town, case)) == ([BREAKS], ["needs"])


@pytest.mark.wide
def test_location_put_right_nearer_to_a_danger_is_a_task(town):
    case, hold = kept(town, parts={"threats": [ThreatInput(PointInput(place="Zwolle"), 20)]})
    moves_nearer(town)
    assert (seen(town), broken(town, case)) == ([BREAKS], ["threat_distance"])
    town.arrive(hold)
    assert (seen(town), broken(town, case)) == ([BREAKS], ["threat_distance"])


@pytest.mark.wide
def test_location_put_right_where_a_client_lives_is_a_task(town):
    case, hold = kept(town, parts={"threats": [ThreatInput(PointInput(place="Zwolle"), 20)]})
    town.arrive(hold)
    town.house(town.register(actor=COORDINATOR), "U1-women")
    town.later(minutes=5)
    for place, tasks, rules in (("Deventer", [], []), ("Zwolle", [BREAKS], ["threat_distance"]), ("Breda", [], [])):
        moves_nearer(town, place)
        for actor in (DESK, COORDINATOR):
            assert seen(town, actor) == tasks
        assert (seen(town, ELSEWHERE), broken(town, case)) == ([], rules)
        town.later(minutes=5)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("schemes", [["crisis"], []])
def test_rule_of_a_day_before_the_arrival_is_a_task(town, schemes):
    case, _ = kept(town)
    says(town, RuleKind.ENTITLEMENT, "reflection", bases=REFLECTION, schemes=schemes)
    assert (seen(town), broken(town, case)) == ([], [])
    town.later(days=1)
    assert (BREAKS in seen(town), broken(town, case)) == (True, ["scheme"])


@pytest.mark.wide
def test_room_that_lost_what_is_needed_is_a_task(town):
    for room in ("R1", "R2"):
        changes_room(town, room, features=["wheelchair"])
    case, _ = kept(town, room_needs=["wheelchair"])
    [room] = rooms_of(town, case)
    assert (seen(town), broken(town, case)) == ([], [])
    town.later(minutes=5)
    changes_room(town, room, features=[])
    assert (seen(town), broken(town, case)) == ([BREAKS], ["rooms"])
    changes_room(town, room, features=["wheelchair"])
    assert (seen(town), broken(town, case)) == ([], [])


@pytest.mark.wide
@pytest.mark.parametrize("table", [Room, Unit])
def test_place_that_closes_before_the_arrival_is_a_task(town, table):
    case, _ = kept(town)
    [room] = rooms_of(town, case)
    key = room if table is Room else "U1-women"
    version = town.one(table.__tablename__, key).version
    town.do(closing.close, table, key, version, TODAY + LATER)
    assert (BREAKS in seen(town), broken(town, case)) == (True, ["rooms"])
    town.do(closing.reopen, table, key, town.one(table.__tablename__, key).version)
    assert (seen(town), broken(town, case)) == ([], [])


@one_store
def test_other_room_that_changes_is_no_task(town):
    case, _ = kept(town)
    [other] = {"R1", "R2"} - rooms_of(town, case)
    changes_room(town, other, features=["wheelchair"])
    town.do(closing.close, Room, other, town.one("room", other).version, TODAY + LATER)
    assert (seen(town), broken(town, case)) == ([], [])


@pytest.mark.wide
def test_what_broke_before_the_arrival_is_a_task_after_it(town):
    case, hold = kept(town)
    takes(town, "U1-women", max_age=29)
    stay = town.arrive(hold)
    assert (seen(town), broken(town, case), town.registration(case).breaks) == ([BREAKS], ["age"], ["age"])
    town.later(minutes=5)
    takes(town, "U1-women", max_age=120)
    assert (seen(town), broken(town, case)) == ([], [])
    town.end(stay.id)
    assert seen(town) == []


def counts(town, room, **more):
    town.report("S1", **{room: RoomInput(room, **more)})


@pytest.mark.wide
@pytest.mark.parametrize("state", STATES)
def test_kept_bed_that_a_count_takes_away_is_a_task(town, state):
    case, hold = kept(town, state)
    [room] = rooms_of(town, case)
    beds = ROOMS["S1"][room]
    for count in ({"out_of_service": beds}, {"used_by_others": [OtherUse(beds, F)]}):
        counts(town, room, **count)
        for actor in (DESK, COORDINATOR):
            assert seen(town, actor) == [BREAKS]
        assert (seen(town, ELSEWHERE), broken(town, case)) == ([], ["rooms"])
        town.later(minutes=5)
        counts(town, room)
        assert (seen(town), broken(town, case)) == ([], [])
    counts(town, room, out_of_service=beds)
    town.release(hold)
    assert (seen(town), broken(town, case)) == ([], [])


@pytest.mark.wide
def test_count_leaves_a_bed_to_the_client_kept_first(town):
    first, _ = kept(town)
    [room] = rooms_of(town, first)
    [other] = {"R1", "R2"} - {room}
    counts(town, other, out_of_service=ROOMS["S1"][other])
    second, hold = kept(town)
    assert rooms_of(town, second) == {room}
    counts(town, room, out_of_service=1)
    assert ([broken(town, one) for one in (first, second)], seen(town)) == ([[], ["rooms"]], [BREAKS])
    town.release(hold)
    assert (broken(town, first), seen(town)) == ([], [])


def test_arrival_ends_the_task_of_a_counted_bed(town):
    case, hold = kept(town)
    [room] = rooms_of(town, case)
    counts(town, room, out_of_service=ROOMS["S1"][room])
    assert seen(town) == [BREAKS]
    town.arrive(hold)
    assert (seen(town), broken(town, case)) == ([], [])


@pytest.mark.wide
@one_store
def test_bed_back_before_the_client_comes_is_no_task(town):
    case, hold = kept(town, "asked")
    town.confirm(hold, town.at + timedelta(days=3))
    [room] = rooms_of(town, case)
    out = {"out_of_service": ROOMS["S1"][room]}
    for days, tasks in ((2, []), (3, []), (4, [BREAKS])):
        counts(town, room, out_until=TODAY + timedelta(days=days), **out)
        assert seen(town) == tasks


@pytest.mark.wide
@one_store
def test_counted_bed_is_told_to_one_owner_once(people):
    case, _ = kept(people)
    [room] = rooms_of(people, case)
    counts(people, room, out_of_service=ROOMS["S1"][room])
    for _ in range(2):
        people.do(tell_of_tasks)
    notices = [one.content for one in people.all(select(TaskNotice))]
    told = [(one.mark.value, one.told) for one in notices if one.kind == "breaks_rule"]
    assert told == [("new", ("A-amsterdam",))]


@pytest.mark.wide
@one_store
def test_client_with_a_room_alone_loses_it_to_others(town):
    case = town.register(((F, 30), (F, 3)), actor=COORDINATOR)
    town.confirm(town.hold_in(case, "U2-family"))
    town.later(minutes=5)
    for count, rules in (({"out_of_service": 1}, []), ({"used_by_others": [OtherUse(1, F)]}, ["rooms"])):
        counts(town, "R3", **count)
        assert broken(town, case) == rules


@pytest.mark.wide
@one_store
def test_task_of_a_kept_place_goes_with_the_place(town):
    _, hold = kept(town)
    takes(town, "U1-women", max_age=29)
    assert seen(town) == [BREAKS]
    town.release(hold)
    assert BREAKS not in seen(town)


@pytest.mark.wide
@one_store
def test_task_stays_the_same_through_the_arrival(people):
    case, hold = kept(people)
    takes(people, "U1-women", max_age=29)
    for verb in (None, people.arrive):
        if verb is not None:
            verb(hold)
        for _ in range(2):
            people.do(tell_of_tasks)
        notices = [one.content for one in people.all(select(TaskNotice))]
        assert [(one.mark.value, one.told) for one in notices if one.kind == "breaks_rule"] == [
            ("new", ("A-amsterdam",))
        ]
    assert broken(people, case) == ["age"]


@pytest.mark.wide
def test_rule_that_the_decision_set_aside_is_no_task(town):
    takes(town, "U1-women", max_age=29)
    case = town.register(actor=COORDINATOR)
    decision = town.decide_on(case, "U1-women")
    town.do(decisions.answer_decision, decision.id, granted=True, actor=replace(OTHER_DESK, verified_at=town.at))
    hold = town.hold_of(decision.id).id
    town.confirm(hold)
    takes(town, "U1-women", max_age=28)
    assert (seen(town), broken(town, case)) == ([], [])
    town.arrive(hold)
    assert (seen(town), broken(town, case)) == ([], [])


@pytest.mark.wide
@one_store
def test_changed_fact_and_profile_before_arrival_are_one_task(town):
    case, hold = kept(town)
    takes(town, "U1-women", max_age=29)
    why = {"reason": ChangeReason.CORRECTION, "confirm": True}
    needs = {"needs": [Specialism.PSYCHIATRIC]}
    town.do(fact_changes.change, case, town.registration(case).version, needs, actor=COORDINATOR, **why)
    assert (seen(town), broken(town, case)) == ([BREAKS], ["age", "needs"])
    town.arrive(hold)
    assert (seen(town), broken(town, case)) == ([BREAKS], ["age", "needs"])


@pytest.mark.wide
@one_store
def test_new_place_of_a_moving_client_is_checked_too(town):
    case = town.register(actor=COORDINATOR)
    town.house(case, "U1-women")
    wanted = Asked(RequestKind.TRANSFER, Urgency.CAN_WAIT, RequestGround.NEED)
    town.do(requests.ask, case, town.registration(case).version, wanted, actor=COORDINATOR)
    town.later(minutes=5)
    hold = town.hold_in(case)
    unit = town.one("hold", hold).unit_id
    town.later(minutes=5)
    takes(town, unit, max_age=29)
    assert unit != "U1-women"
    assert (seen(town), broken(town, case)) == ([BREAKS], ["age"])
    town.confirm(hold)
    town.arrive(hold)
    assert (seen(town), broken(town, case)) == ([BREAKS], ["age"])
