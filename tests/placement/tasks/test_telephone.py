"""The desk's tasks about shelters that are rung: to ring, to ring back, to read back, and contradictions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.core.clock import AMSTERDAM
from placement.core.codes import Role
from placement.core.errors import NotFound
from placement.placements.holds import telephone_entries, telephone_records
from placement.shelters import register
from placement.tasks import listing
from placement.tasks.task import TaskKind
from tests.support.telephone import CALL, STAFF, newest, says_yes, with_accounts, without_accounts
from tests.support.town import COORDINATOR, DESK, OTHER_DESK


@pytest.fixture
def house(town):
    return without_accounts(town)


@pytest.fixture
def staffed(town):
    return with_accounts(town)


def tasks(town, *kinds, actor=DESK):
    with town.act(actor) as act:
        return [one for one in listing.owned(act, listing.derive(act)) if one.task.kind in kinds]


def by_telephone(town):
    town.do(register.change_shelter, "S1", 1, {"works_by_telephone": True})


@pytest.mark.wide
def test_question_to_a_shelter_by_telephone_is_the_desks(staffed):
    by_telephone(staffed)
    hold = staffed.hold_in(staffed.register(), "U1-women")
    [found] = tasks(staffed, TaskKind.TO_RING)
    assert (found.owner.role, found.task.page_for(Role.DESK)) == (Role.DESK, f"/holds/{hold}/call")
    assert tasks(staffed, TaskKind.HOLD) == []
    assert [one.task.about for one in tasks(staffed, TaskKind.HOLD, actor=STAFF)] == [hold]


def test_missing_count_of_a_shelter_by_telephone_is_the_desks(staffed):
    by_telephone(staffed)
    staffed.later(hours=25)
    [found] = [one for one in tasks(staffed, TaskKind.TO_RING) if one.task.shelter == "S1"]
    assert found.task.page_for(Role.DESK) == "/shelters/S1/call"


@pytest.mark.wide
def test_yes_is_a_call_back_for_another_person_until_it_is_made(staffed):
    says_yes(staffed, staffed.hold_in(staffed.register(), "U1-women"))
    assert tasks(staffed, TaskKind.CALL_BACK, actor=OTHER_DESK) == []
    [found] = tasks(staffed, TaskKind.CALL_BACK)
    assert found.task.due == staffed.at + timedelta(hours=1)
    assert tasks(staffed, TaskKind.CALL_BACK, actor=COORDINATOR) == []
    staffed.do(telephone_entries.ring_back, newest(staffed).id, CALL, agrees=True)
    assert tasks(staffed, TaskKind.CALL_BACK) == []


@pytest.mark.wide
def test_call_back_of_a_yes_at_night_is_a_task_of_the_morning(staffed):
    staffed.later(hours=13)
    for room in ("S1", "S2", "S3"):
        staffed.report(room)
    says_yes(staffed, staffed.hold_in(staffed.register(), "U1-women"), by=DESK)
    [found] = tasks(staffed, TaskKind.CALL_BACK, actor=OTHER_DESK)
    assert (found.task.due.astimezone(AMSTERDAM).hour, found.task.asked_by) == (10, DESK.id)


def test_contradiction_is_a_task_until_it_is_settled(staffed):
    staffed.do(telephone_entries.enter_confirmation, "S1", CALL, actor=OTHER_DESK)
    assert tasks(staffed, TaskKind.READ_BACK) == []  # the shelter has accounts
    entry = newest(staffed)
    staffed.do(telephone_entries.contradict, entry.id, "Kamer 1 is vol.", actor=STAFF)
    [found] = tasks(staffed, TaskKind.CONTRADICTION)
    assert found.task.page_for(Role.DESK) == "/telephone"
    staffed.do(telephone_entries.settle, entry.id, "Gebeld en verbeterd.", actor=replace(DESK, browser="b"))
    assert tasks(staffed, TaskKind.CONTRADICTION) == []


def test_shelter_without_an_account_is_read_back_to(house):
    for _ in range(2):
        house.do(telephone_entries.enter_confirmation, "S1", CALL)
    [found] = tasks(house, TaskKind.READ_BACK)
    assert found.task.page_for(Role.DESK) == "/shelters/S1/call"
    entries = [one.id for one in house.do(telephone_records.listed)]
    with pytest.raises(NotFound):
        house.do(telephone_entries.read_back, "S2", CALL, entries)
    house.do(telephone_entries.read_back, "S1", CALL, entries)
    assert tasks(house, TaskKind.READ_BACK) == []
