"""Reviews of a stay on day 60, 75 and 90 of three months (20, 25, 30 of thirty days); past it, a reason code."""

from datetime import date, timedelta

import pytest

from placement.core.codes import StayStatus
from placement.core.errors import Conflict, Invalid
from placement.core.reason_codes import Step, reasons_for
from placement.placements.stays import stays
from placement.tables import Stay
from tests.support.simultaneous_acts import at_once, worked
from tests.support.stores import both_stores, one_store

BEGAN = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("limit", "days", "mark"),
    [
        (90, 0, None),
        (90, 59, None),
        (90, 60, 60),
        (90, 74, 60),
        (90, 75, 75),
        (90, 89, 75),
        (90, 90, 90),
        (90, 120, 90),
        (30, 19, None),
        (30, 20, 20),
        (30, 25, 25),
        (30, 30, 30),
        (90, -3, None),  # planned for later
    ],
)
def test_the_last_mark_that_a_stay_has_reached(limit, days, mark):
    stay = Stay(limit_on=BEGAN + timedelta(days=limit))
    assert stays.last_mark(stay, BEGAN + timedelta(days=days), BEGAN) == mark


@pytest.mark.parametrize(
    ("named", "day", "asked"),
    [
        (None, 59, None),
        (None, 75, 75),
        (60, 89, None),
        (60, 90, 90),  # at the limit, however short ago it was named
        (80, 107, None),
        (80, 108, 108),
        (100, 127, None),
        (100, 128, 128),
        (100, 400, 128),
    ],
)
def test_what_keeps_a_client_is_asked_again(named, day, asked):
    stay = Stay(limit_on=BEGAN + timedelta(days=90))
    if named is not None:
        stay.blocker, stay.blocked_on = "medical", BEGAN + timedelta(days=named)
    assert stays.asked_at_mark(stay, BEGAN + timedelta(days=day), BEGAN) == asked


def test_blocker_without_a_day_counts_from_the_limit():
    stay = Stay(limit_on=BEGAN + timedelta(days=90), blocker="medical")
    asked = {day: stays.asked_at_mark(stay, BEGAN + timedelta(days=day), BEGAN) for day in (90, 117, 118)}
    assert asked == {90: None, 117: None, 118: 118}


def test_ended_stay_cannot_be_changed():
    stay = Stay(limit_on=BEGAN + timedelta(days=90), ended_on=BEGAN + timedelta(days=70))
    assert stays.last_mark(stay, BEGAN + timedelta(days=200), BEGAN) == 60


@one_store
def test_stay_blocker_is_a_code_and_the_latest_counts(town):
    stay = town.house(town.register())
    for reason in reasons_for(Step.BLOCK):
        told = town.do(stays.name_blocker, stay, reason.code, "omdat het zo is")
        assert (told.status, told.blocker, told.blocker_text) == (StayStatus.IN_HOUSE, reason.code, "omdat het zo is")
    assert town.events().count("stay:blocked") == len(reasons_for(Step.BLOCK))


@one_store
def test_blocker_that_is_said_again_without_words_keeps_them(town):
    stay = town.house(town.register())
    town.do(stays.name_blocker, stay, "medical", "na de operatie")
    assert town.do(stays.name_blocker, stay, "medical").blocker_text == "na de operatie"
    assert town.do(stays.name_blocker, stay, "medical", "herstelt nog").blocker_text == "herstelt nog"
    assert town.do(stays.name_blocker, stay, "waits_for_housing").blocker_text is None
    town.later(days=3)
    named = town.do(stays.name_blocker, stay, "waits_for_housing")
    assert named.blocked_on == named.starts_on + timedelta(days=3)


@pytest.mark.wide
@both_stores
def test_blocker_of_a_client_named_meanwhile_is_not_replaced(town):
    stay = town.house(town.register())
    town.do(stays.name_blocker, stay, "medical", seen="")
    for seen in ("", "waits_for_housing"):
        with pytest.raises(Conflict) as refused:
            town.do(stays.name_blocker, stay, "waits_for_housing", seen=seen)
        assert (refused.value.code, refused.value.facts) == ("blocked_otherwise", {"found": "medical"})
    assert town.do(stays.name_blocker, stay, "waits_for_housing", seen="medical").blocker == "waits_for_housing"


@pytest.mark.wide
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_two_blockers_of_one_client_at_once_are_one(town):
    stay = town.house(town.register())
    codes = ("medical", "waits_for_housing")
    outcomes = at_once(*(lambda code=code: town.do(stays.name_blocker, stay, code, seen="") for code in codes))
    assert len(worked(outcomes)) == 1


@one_store
def test_a_blocker_needs_a_code_of_its_own_and_other_a_text(town):
    stay = town.house(town.register())
    for code, text, field, fault in (
        (None, None, "blocker", "reason_missing"),
        ("own_housing", None, "blocker", "reason_unknown"),
        ("other", " ", "text", "text_missing"),
    ):
        with pytest.raises(Invalid) as refused:
            town.do(stays.name_blocker, stay, code, text)
        assert [(one.field, one.code) for one in refused.value.faults] == [(field, fault)]


@one_store
def test_stay_blocker_is_for_a_stay_in_house_only(town):
    stay = town.house(town.register())
    town.end(stay)
    with pytest.raises(Conflict) as refused:
        town.do(stays.name_blocker, stay, "medical")
    assert (refused.value.code, refused.value.facts) == ("stay_not_in_house", {"status": "ended"})
