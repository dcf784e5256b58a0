"""Tests that begin alike share the store of their beginning, and nothing after it."""

import pytest
from sqlmodel import select

from placement.core.codes import StayStatus
from placement.registrations import case_handles
from placement.tables import Registration, Shelter
from tests.support.beginnings import Beginning
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
        with town.act() as act:
            act.session.get_one(Registration, town.register()).urgency = 1
    assert first.register() != second.register()


def test_beginning_ends_when_a_part_of_the_service_is_replaced(another, monkeypatch):
    first, second = another(), another()
    assert first.register() == second.register()
    monkeypatch.setattr(case_handles, "new_id", lambda letter: f"{letter}-2222")
    assert (first.register(), second.register()) == ("R-2222", "R-2222")


def test_store_of_a_beginning_is_left_as_it_was(another):
    first, second = another(), another()
    stay = first.house(first.register())
    first.end(stay)
    assert second.house(second.register()) == stay
    assert second.one("stay", stay).status is StayStatus.IN_HOUSE


def test_row_of_an_act_is_read_again_from_the_copy(another):
    first, second = another(), another()
    ended = [town.end(town.house(town.register())) for town in (first, second)]
    assert ended[0] == ended[1] == second.one("stay", ended[0].id)
    assert ended[0] is not ended[1]


def test_verb_that_is_named_alike_is_not_the_same(another):
    """A lambda has the name of every other."""
    first, second = another(), another()
    done = [
        first.do(lambda act: act.session.get_one(Shelter, "S1")),
        second.do(lambda act: act.session.get_one(Shelter, "S2")),
    ]
    assert [one.id for one in done] == ["S1", "S2"]


def test_beginnings_that_were_used_last_are_kept(another, beginnings):
    beginnings.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Beginning, "MOST", 2)
        found = [another().register(urgency=urgency) for urgency in (1, 2, 1, 3)]
    assert [kept.result for kept in beginnings.values()] == [found[0], found[3]]
    assert all(kept.folder.exists() for kept in beginnings.values())
