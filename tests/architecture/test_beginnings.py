"""Tests that begin alike share the store of their beginning, and nothing after it."""

import pytest
from sqlmodel import select

from placement.core.codes import StayStatus
from placement.tables import Registration
from tests.support.stores import Stores, one_store
from tests.support.town import COORDINATOR, TODAY, Town, town_of

pytestmark = one_store


@pytest.fixture
def another(request, stores):
    made = []

    def begin() -> Town:
        made.append(Stores(request, stores.kind))
        return town_of(made[-1])

    yield begin
    for one in made:
        one.close()


def cases(town):
    return town.all(select(Registration.id))


def test_same_first_acts_are_done_once(another):
    first, second = another(), another()
    case = first.register(urgency=1)
    assert second.register(urgency=1) == case
    assert (first.propose(case), first.events()) == (second.propose(case), second.events())


def test_other_first_acts_are_done_anew(another):
    first, second, third = another(), another(), another()
    second.later(minutes=1)
    third.having(sharing_ground_from=TODAY)
    found = [first.register(), first.register(actor=COORDINATOR), second.register(), third.register()]
    assert len(set(found)) == 4
    assert cases(second) == found[2:3]


def test_act_that_is_not_remembered_ends_the_beginning(another):
    first, second = another(), another()
    for town in (first, second):
        town.end(town.house(town.register()))
    assert first.register() != second.register()


def test_store_of_a_beginning_is_left_as_it_was(another):
    first, second = another(), another()
    stay = first.house(first.register())
    first.end(stay)
    assert second.house(second.register()) == stay
    assert second.one("stay", stay).status is StayStatus.IN_HOUSE
