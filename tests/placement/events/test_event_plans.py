"""The plan of an event: what is shown, accepted and changed, with a second person at work, and without the engine."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import DecisionStatus, HoldStatus, MessageKind
from placement.core.errors import Conflict, Invalid, NotAllowed, VersionPassed
from placement.core.event_codes import EventKind
from placement.core.plan_codes import PlanKind
from placement.core.reason_codes import ChangeReason
from placement.events import event_plans, events, members, plan_lines
from placement.events.event_plans import ChosenUnit
from placement.events.events import EventInput
from placement.placements.stays import fact_changes
from placement.registrations import registrations
from placement.registrations.case import PointInput, ThreatInput
from placement.retention import event_erasure
from placement.tables import Decision, EventPlan, FrozenProblem, Hold, Proposal, Unit
from tests.support.accounts import add_shelter_staff
from tests.support.audit_log import logged
from tests.support.event_plans import Engine, accept, plan, raid
from tests.support.messages import sent
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY, F, M, shelter


@pytest.mark.wide
def test_plan_is_accepted_whole_as_ordinary_decisions(town):
    waiting = town.register(persons=[(F, 40)], urgency=3)
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(4)]
    men = [town.register(persons=[(M, 30)], urgency=1) for _ in range(3)]
    event = raid(town, *women, *men)
    found, version = plan(town, event)
    assert found.plan.figures.persons == 7
    done, changed = accept(town, event, version)
    assert changed == []
    assert {one for one, *_ in done} == found.places.keys()
    assert {status for _, status, _ in done} == {DecisionStatus.FINAL}
    held = town.all(select(Hold))
    assert {one.registration_id: one.unit_id for one in held} == found.places
    assert {one.status for one in held} == {HoldStatus.WAITING_FOR_SHELTER}
    assert len(town.all(select(FrozenProblem))) == 1
    for proposal in town.all(select(Proposal)):
        assert town.replay(proposal.id).solution.placements == found.plan.solution.placements
    assert waiting not in found.places
    again, _ = plan(town, event)
    assert again.members == tuple(sorted({*women, *men} - found.places.keys()))


@pytest.mark.wide
def test_line_that_changed_is_named_and_the_rest_is_accepted(town):
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(4)]
    event = raid(town, *women)
    _, version = plan(town, event)
    town.do(registrations.change, women[0], 1, {"urgency": 2})  # a second person of the desk at work on a member
    town.decide_on(women[1], actor=OTHER_DESK)
    done, changed = accept(town, event, version, actor=DESK)
    assert dict(changed)[women[0]] == "registration_changed"
    assert women[1] in dict(changed)
    assert {one for one, *_ in done} == {*women} - dict(changed).keys()
    held = [one.registration_id for one in town.all(select(Hold))]
    assert len(held) == len({*held})  # nobody is placed twice


def test_line_that_breaks_a_rule_since_the_plan_is_named(town):
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(4)]
    event = raid(town, *women)
    found, version = plan(town, event)
    changed_unit = found.places[women[0]]
    with town.act() as act:  # the house changes whom it admits; neither case nor room changes
        act.session.get_one(Unit, changed_unit).admits = ["male"]
    done, changed = accept(town, event, version)
    theirs = {one for one, unit in found.places.items() if unit == changed_unit}
    assert dict(changed) == dict.fromkeys(theirs, "situation_changed")
    assert {one for one, *_ in done} == found.places.keys() - theirs


@pytest.mark.wide
def test_line_names_the_rules_that_new_facts_break(town):
    women = [town.register(persons=((F, 30),), actor=DESK) for _ in range(2)]
    event = raid(town, *women)
    for one in women:
        town.confirm(town.hold_in(one, "U1-women"), town.at + timedelta(hours=2))
    near = [ThreatInput(PointInput(place="Alkmaar"), 20)]
    version = town.registration(women[0]).version
    why = {"reason": ChangeReason.NEW_DANGER, "confirm": True}
    town.do(fact_changes.change, women[0], version, {}, threats=near, actor=DESK, **why)
    broken = {line.registration: line.breaks for line in town.do(plan_lines.read, event).lines}
    assert broken == {women[0]: ("threat_distance",), women[1]: ()}


def test_second_plan_in_the_meantime_refuses_the_first(town):
    event = raid(town, town.register(urgency=1))
    _, first = plan(town, event)
    with town.act(DESK) as act:
        asked = event_plans.prepare(act, event)
    plan(town, event, actor=OTHER_DESK)
    worked = event_plans.work_out(asked, Engine())
    with pytest.raises(VersionPassed), town.act(DESK) as act:
        event_plans.record(act, asked, worked)
    with pytest.raises(VersionPassed):
        accept(town, event, first)
    assert town.all(select(Decision)) == []


@pytest.mark.wide
def test_chosen_unit_is_an_override_with_its_reason(town):
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(2)]
    event = raid(town, *women)
    found, _ = plan(town, event)
    other = next(unit for unit in ("U1-women", "U4-crisis", "U5-social") if unit != found.places[women[0]])
    with pytest.raises(Invalid):
        plan(town, event, chosen=ChosenUnit(women[0], other))
    changed, version = plan(town, event, chosen=ChosenUnit(women[0], other, "client_preference"))
    assert changed.places[women[0]] == other
    done, _ = accept(town, event, version)
    assert {one: kind for one, _, kind in done} == {women[0]: "override", women[1]: "accept"}
    [override] = [one for one in town.all(select(Decision)) if one.registration_id == women[0]]
    assert (override.reason, override.unit_id, override.broken) == ("client_preference", other, [])
    assert override.loss == found.plan.solution.objective - changed.plan.solution.objective


def test_chosen_unit_that_breaks_a_rule_is_refused(town):
    man = town.register(persons=[(M, 30)], urgency=1)
    event = raid(town, man)
    with pytest.raises(Conflict) as refused:
        plan(town, event, chosen=ChosenUnit(man, "U1-women", "client_preference"))
    assert (refused.value.code, refused.value.facts["rules"]) == ("plan_choice_breaks", ["gender"])


@pytest.mark.wide
def test_plan_without_the_engine_obeys_every_rule(town):
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(3)]
    event = raid(town, *women)
    found, version = plan(town, event, engine=Engine(broken=True))
    assert found.plan.solution.status == "degraded"
    done, changed = accept(town, event, version)
    assert (len(done), changed) == (len(found.places), [])


def test_plan_ahead_decides_nothing_before_its_day(town):
    later = town.register(
        urgency=1, needed_from=TODAY.replace(month=12, day=20), needed_by=TODAY.replace(month=12, day=28)
    )
    made = town.do(events.make, EventInput("Later", EventKind.RAID, TODAY.replace(month=12, day=8))).id
    town.do(members.add_cases, made, [later])
    found, version = plan(town, made)
    assert found.members == (later,)
    with pytest.raises(Conflict) as refused:
        accept(town, made, version)
    assert refused.value.code == "event_keeps_no_beds_yet"
    assert town.all(select(Hold)) == []


@pytest.mark.wide
def test_house_gets_a_single_mail_for_all_its_holds(town):
    add_shelter_staff(town)
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(3)]
    event = raid(town, *women)
    found, version = plan(town, event)
    done, _ = accept(town, event, version)
    assert (len(done), found.plan.figures.houses) == (3, 1)
    assert [one.account_id for one in sent(town, MessageKind.HOLD_ASKED)] == ["A-S1"]


def test_plan_is_the_desks_and_goes_with_an_erasure(town):
    woman = town.register(urgency=1)
    event = raid(town, woman)
    plan(town, event, PlanKind.SPARE)
    for actor, error in ((COORDINATOR, NotAllowed), (shelter("S1"), NotAllowed)):
        with pytest.raises(error):
            plan(town, event, actor=actor)
    assert [one.event for one in logged(town)].count("event_plan:made") == 1
    with town.act() as act:
        event_erasure.erase_members_of_cases(act, [woman])
    assert town.all(select(EventPlan)) == []


@pytest.mark.wide
def test_roommates_are_accepted_line_by_line(town):
    town.full("R2", "R3", "R4", "R5", "R6", "R7")
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(2)]
    event = raid(town, *women)
    found, version = plan(town, event)
    assert {use.room for line in found.plan.solution.placements for use in line.rooms} == {"R1"}
    for woman, actor in zip(women, (DESK, OTHER_DESK), strict=True):  # the second line takes the other bed of the room
        done, changed = accept(town, event, version, [woman], actor=actor)
        assert ([one for one, *_ in done], changed) == ([woman], [])
    assert len({claim.bed_id for claim in town.claims(women[0]) + town.claims(women[1])}) == 2
