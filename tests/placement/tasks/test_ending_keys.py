"""A key of a shelter's software that ends: a task of the shelter, until there is a newer key."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.accounts import account_changes, api_keys
from placement.core.codes import Role
from placement.core.context import Actor
from placement.tables import ApiKey
from placement.tasks.listing import derive
from tests.support.accounts import account_row, add_shelter_staff
from tests.support.stores import one_store
from tests.support.town import ADMIN, DESK

STAFF = Actor("A-S1", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")
OTHER = Actor("A-S2", Role.SHELTER_STAFF, shelter_id="S2", session_id="Z")


@pytest.fixture
def staffed(town):
    add_shelter_staff(town)
    return town


def key(town, days=30, *, used=True):
    _, made = town.do(api_keys.make, "S1", ("read", "write"), days, actor=replace(STAFF, verified_at=town.at))
    if used:
        with town.act() as act:
            act.session.get_one(ApiKey, made.id).last_used_on = town.at.date()
    return made.id


def ending(town, actor=STAFF):
    return [one for one in town.do(derive, actor=actor) if one.kind.value == "key_ends"]


def test_key_of_software_is_a_task_two_weeks_before_it_ends(staffed):
    ends = staffed.at + timedelta(days=30)
    made = key(staffed)
    staffed.later(days=15)
    assert ending(staffed) == []
    staffed.later(days=1)
    [task] = ending(staffed)
    assert (task.about, task.due, task.shelter, task.place) == (made, ends, "S1", "Opvang 1")
    assert (task.page_for(Role.SHELTER_STAFF), task.page_for(Role.DESK)) == ("/account#keys", "/shelters/S1")
    assert ending(staffed, OTHER) == ending(staffed, DESK) == []
    key(staffed, days=90, used=False)
    assert ending(staffed) == []


def test_key_made_long_before_is_of_other_software(staffed):
    made = key(staffed, days=90)
    staffed.later(days=30)
    key(staffed, days=300)
    staffed.later(days=50)
    assert [one.about for one in ending(staffed)] == [made]


def test_key_of_software_that_ended_is_a_task_for_two_weeks(staffed):
    key(staffed)
    staffed.later(days=43)
    assert len(ending(staffed)) == 1
    staffed.later(days=2)
    assert ending(staffed) == []


def test_key_that_ends_with_its_maker_is_a_task_of_the_others(staffed):
    with staffed.act() as act:
        act.session.add(account_row("A-new", Role.SHELTER_STAFF, organisation_id="O-S1"))
    key(staffed)
    staffed.do(account_changes.disable, STAFF.id, actor=ADMIN)
    colleague = Actor("A-new", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")
    assert len(ending(staffed, colleague)) == 1
    staffed.do(account_changes.disable, colleague.id, actor=ADMIN)
    assert len(ending(staffed, DESK)) == 1  # nobody of the shelter is left


@one_store
def test_key_that_was_never_used_or_is_revoked_is_no_task(staffed):
    key(staffed, days=7, used=False)
    staffed.do(api_keys.revoke, key(staffed, days=7), actor=STAFF)
    assert ending(staffed) == []


@pytest.mark.wide
def test_key_replaced_early_is_no_task_when_it_has_ended(staffed):
    key(staffed)
    staffed.later(days=3)
    key(staffed, days=300)
    for _ in range(42):
        assert ending(staffed) == []
        staffed.later(days=1)
