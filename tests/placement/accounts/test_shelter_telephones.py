"""A shelter's numbers: changed by the desk and its own staff, announced to everybody, new for three days."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.accounts import organisations, shelter_telephones
from placement.audit.events import Event
from placement.core.codes import MessageKind, Role
from placement.core.context import Actor
from placement.core.errors import Conflict, NotAllowed, NotFound
from placement.core.telephone_codes import NumberConfirmed, TelephoneUse
from tests.support.audit_log import logged
from tests.support.stores import both_stores
from tests.support.telephone import (
    ANOTHER,
    NUMBER,
    STAFF,
    checked,
    fresh,
    numbered,
    told,
    with_accounts,
    without_accounts,
)
from tests.support.town import ADMIN, COORDINATOR, DESK, OTHER_DESK, shelter

KEY = Actor("S1", Role.SHELTER, shelter_id="S1")
THIRD = "+31300000277"


@pytest.fixture
def house(town):
    return with_accounts(town)


def now(town, use=TelephoneUse.PLACING):
    with town.act() as act:
        return shelter_telephones.numbers_now(act, "S1").get(use)


@both_stores
def test_changed_number_is_new_for_72_hours_with_its_history(house):
    assert now(house).new_until is None
    changed = numbered(house, ANOTHER, by=STAFF)
    assert changed.history == []  # of the desk alone
    assert now(house).new_until == house.at + timedelta(hours=72)
    history = house.do(shelter_telephones.read, "S1").history
    assert [(row.number, row.former, row.changed_by) for row in history] == [
        (ANOTHER, NUMBER, STAFF.id),
        (NUMBER, None, DESK.id),
    ]
    house.later(hours=71, minutes=59)
    assert now(house).new_until is not None
    house.later(minutes=1)
    assert now(house).new_until is None


def test_change_is_announced_to_desk_and_shelter(house):
    numbered(house, ANOTHER, by=OTHER_DESK)
    assert told(house, MessageKind.NUMBERS_CHANGED) >= {DESK.id, STAFF.id}


def test_change_by_an_admin_is_a_change_like_each_other(house):
    house.do(organisations.change, "O-S1", {"telephones": {TelephoneUse.PLACING: ANOTHER}}, actor=ADMIN)
    assert now(house).new_until is not None
    assert house.do(shelter_telephones.read, "S1").history[0].changed_by == ADMIN.id


def test_number_that_is_given_back_is_not_new(house):
    numbered(house, ANOTHER)
    house.later(minutes=1)
    numbered(house, NUMBER, by=OTHER_DESK)
    assert now(house).new_until is None


def test_second_change_keeps_the_last_trusted_number(house):
    numbered(house, ANOTHER)
    house.later(minutes=1)
    numbered(house, THIRD)
    assert now(house).change.former == NUMBER


def test_check_by_another_person_of_the_desk_ends_it(house):
    numbered(house, ANOTHER)
    with pytest.raises(Conflict, match="second_person_needed"):
        checked(house, by=DESK)
    checked(house, NumberConfirmed.FORMER_NUMBER, by=OTHER_DESK)
    assert now(house).new_until is None
    [confirmed] = logged(house, event=Event.NUMBER_CONFIRMED)
    assert (confirmed.actor, confirmed.object_id) == (OTHER_DESK.id, "S1")
    assert confirmed.facts == {"use": "placing", "how": "former_number"}
    with pytest.raises(Conflict, match="number_not_new"):
        checked(house)


def test_first_number_can_be_checked_in_person_alone(house):
    numbered(house, ANOTHER, use=TelephoneUse.NIGHT)
    with pytest.raises(Conflict, match="no_former_number"):
        checked(house, NumberConfirmed.FORMER_NUMBER, use=TelephoneUse.NIGHT)
    checked(house, use=TelephoneUse.NIGHT)
    assert now(house, TelephoneUse.NIGHT).new_until is None


def test_check_at_the_browser_of_the_change_is_refused(house):
    numbered(house, ANOTHER, by=replace(DESK, browser="b"))
    with pytest.raises(Conflict, match="second_browser_needed"):
        checked(house, by=replace(OTHER_DESK, browser="b"))


@pytest.mark.parametrize(("actor", "error"), [(COORDINATOR, NotAllowed), (KEY, NotAllowed), (shelter("S2"), NotFound)])
def test_others_change_no_number(house, actor, error):
    with pytest.raises(error):
        numbered(house, ANOTHER, by=actor)


def test_change_needs_a_fresh_second_factor(house):
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        house.do(shelter_telephones.change, "S1", {TelephoneUse.PLACING: ANOTHER}, actor=DESK)


def test_change_of_other_numbers_than_were_seen_is_refused(house):
    with pytest.raises(Conflict, match="telephones_otherwise"):
        house.do(
            shelter_telephones.change,
            "S1",
            {TelephoneUse.PLACING: ANOTHER},
            seen={TelephoneUse.PLACING: THIRD},
            actor=fresh(house, DESK),
        )


def test_shelter_without_accounts_has_numbers(town):
    without_accounts(town)
    assert now(town).number == NUMBER
