"""Plans that are made again without a person, after a house refused or did not answer; and what the desk sees."""

from dataclasses import dataclass, replace

import pytest
from sqlmodel import select

from placement.core.codes import DecisionStatus, HoldStatus, MessageKind
from placement.core.context import SYSTEM
from placement.core.telephone_codes import TelephoneUse
from placement.events import event_plans, replanning
from placement.events.event_plans import ChosenUnit
from placement.notifications import reminders
from placement.placements.holds import holds, telephone_entries
from placement.placements.holds.telephone_entries import Call
from placement.tables import Decision, Hold
from placement.tasks.listing import derive
from placement.tasks.task import TaskKind
from tests.support.accounts import add_shelter_staff
from tests.support.event_plans import Engine, accept, plan, raid
from tests.support.messages import sent
from tests.support.telephone import without_accounts
from tests.support.town import DESK, OTHER_DESK, F

CALL = Call(TelephoneUse.PLACING, "groepsleider", "Voorbeeld")


@dataclass
class Race(Engine):
    """An engine that takes so long that a person makes a plan meanwhile."""

    town: object = None
    event: str = ""

    def match(self, problem):
        if self.event:
            event, self.event = self.event, ""
            plan(self.town, event, actor=OTHER_DESK)
        return super().match(problem)


def asked(town, number=3):
    """Returns an event whose women were asked for, and the hold of the first."""
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(number)]
    event = raid(town, *women)
    _, version = plan(town, event)
    accept(town, event, version)
    [held] = town.all(select(Hold).where(Hold.registration_id == women[0]))
    return event, women, held


def due(town):
    return replanning.due(town.database, town.settings, town.at)


def replan(town, event, engine=None):
    replanning.plan_one(town.database, town.settings, event, town.at, engine or Engine())


def newest(town, event):
    with town.act() as act:
        row, found = event_plans.newest(act, event_plans.event_of(act, event))
        return row.version, found


def by_page(town, held):
    town.refuse(held.id, "house_mix")


def by_telephone(town, held):
    without_accounts(town)
    with town.act(replace(OTHER_DESK, verified_at=town.at)) as act:
        telephone_entries.enter_no(act, held.id, CALL, "house_mix", None, None)


def by_silence(town, _held):
    town.later(hours=4)
    town.do(holds.expire_due, actor=SYSTEM)


def turn_of(town):
    with town.act(SYSTEM) as act:
        [task] = [one for one in derive(act) if one.kind is TaskKind.EVENT]
        return task.turn, task.is_late(town.at), task.rings


@pytest.mark.wide
@pytest.mark.parametrize("loses", [by_page, by_telephone, by_silence])
def test_lost_place_is_planned_again_by_itself(town, loses):
    event, women, held = asked(town)
    assert due(town) == []
    loses(town, held)
    lost = women if loses is by_silence else women[:1]
    assert due(town) == [event]
    replan(town, event)
    version, found = newest(town, event)
    assert (version, found.made_by, set(found.lost)) == (2, "system", set(lost))
    if loses is not by_silence:  # a house that refused is not asked again; a silent house can be
        assert found.places.get(women[0]) != held.unit_id
    assert due(town) == []
    assert turn_of(town)[::2] == (str(len(lost)), True)  # the desk is notified of each
    assert len(town.all(select(Decision))) == len(women)  # a plan decides nothing
    done, changed = accept(town, event, version)
    assert ({one for one, *_ in done}, changed) == (found.places.keys(), [])


@pytest.mark.wide
def test_silent_house_is_reminded_until_its_time_is_over(town):
    add_shelter_staff(town)
    event, women, held = asked(town)
    house = town.owner(held.id).shelter_id
    for hours in (1.0, 1.0, 1.5):
        town.later(hours=hours)
        town.do(reminders.remind_of_holds, actor=SYSTEM)
        assert due(town) == []
    reminded = [one for one in sent(town, MessageKind.HOLD_WAITS) if one.account_id == f"A-{house}"]
    assert len(reminded) == 3 * len([one for one in town.all(select(Hold)) if one.unit_id == held.unit_id])
    town.later(hours=0.5)
    town.do(holds.expire_due, actor=SYSTEM)
    assert {one.status for one in town.all(select(Hold))} == {HoldStatus.EXPIRED}
    with town.act(SYSTEM) as act:
        again = {one.registration for one in derive(act) if one.kind is TaskKind.SEARCH_AGAIN}
    assert again == {*women}
    assert due(town) == [event]


@pytest.mark.wide
def test_lost_place_is_planned_again_without_the_engine(town):
    event, women, held = asked(town)
    by_page(town, held)
    replan(town, event, Engine(broken=True))
    _, found = newest(town, event)
    assert (found.plan.solution.status, found.lost) == ("degraded", (women[0],))


@pytest.mark.wide
def test_plan_of_a_person_at_the_same_moment_stays(town):
    event, _, held = asked(town)
    by_page(town, held)
    replan(town, event, Race(town=town, event=event))
    version, found = newest(town, event)
    assert (version, found.made_by) == (2, OTHER_DESK.id)


@pytest.mark.wide
def test_chosen_unit_that_refused_is_chosen_no_more(town):
    woman = town.register(persons=[(F, 20)], urgency=1)
    event = raid(town, woman)
    first, _ = plan(town, event)
    other = next(unit for unit in ("U1-women", "U4-crisis", "U5-social") if unit != first.places[woman])
    _, version = plan(town, event, chosen=ChosenUnit(woman, other, "client_preference"))
    accept(town, event, version)
    [held] = town.all(select(Hold))
    by_page(town, held)
    replan(town, event)
    version, found = newest(town, event)
    assert (version, found.chosen, found.places.get(woman, "") == other) == (3, (), False)


@pytest.mark.wide
def test_second_person_at_work_meets_no_double_place(town):
    event, women, held = asked(town)
    by_page(town, held)
    replan(town, event)
    version, found = newest(town, event)
    assert found.places
    town.decide_on(women[0], actor=OTHER_DESK)  # another person of the desk places the same client
    done, changed = accept(town, event, version, actor=DESK)
    assert (done, [one for one, _ in changed]) == ([], [women[0]])
    final = [one for one in town.all(select(Decision)) if one.status is DecisionStatus.FINAL]
    assert len([one for one in final if one.registration_id == women[0]]) == 2  # the refused place and the new place
