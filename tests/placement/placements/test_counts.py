"""Counts by day of decisions, holds and stays: of what the actor sees, and without a reference."""

from datetime import timedelta

import pytest

from placement.core.codes import DecisionKind, DecisionStatus, HoldStatus
from placement.placements import counts
from placement.placements.counts import StayCounts
from placement.placements.stays import stays
from tests.support.stores import both_stores, one_store
from tests.support.town import DESK, TODAY, shelter

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def house(town):
    """A town with a client in house since today, and a hold that waits."""
    held = town.hold_in(town.register(), "U1-women")
    town.confirm(held)
    stay = town.do(stays.arrive, held, actor=shelter("S1"))
    town.hold_in(town.register(), "U1-women")
    return town, stay.id


@pytest.mark.wide
@both_stores
def test_stays_count_by_unit_and_day(house):
    town, stay = house
    town.later(days=1)
    assert dict(town.do(counts.stays, 3)) == {
        (TODAY, "U1-women"): StayCounts(in_house=1, came=1),
        (TOMORROW, "U1-women"): StayCounts(in_house=1),
    }
    town.do(stays.end, stay, "own_housing", actor=shelter("S1"))
    assert town.do(counts.stays, 1) == {(TOMORROW, "U1-women"): StayCounts(left=1)}
    town.later(days=2)
    assert town.do(counts.stays, 1) == {}


@pytest.mark.wide
@both_stores
def test_holds_and_decisions_count_by_day(house):
    town, _ = house
    assert town.do(counts.holds, 1, None) == {
        (TODAY, "U1-women", HoldStatus.CONFIRMED): 1,
        (TODAY, "U1-women", HoldStatus.WAITING_FOR_SHELTER): 1,
    }
    waiting = town.do(counts.holds, 1, HoldStatus.WAITING_FOR_SHELTER)
    assert waiting == {(TODAY, "U1-women", HoldStatus.WAITING_FOR_SHELTER): 1}
    assert sum(town.do(counts.decisions, 1).values()) == 2
    [(day, kind, status)] = {*town.do(counts.decisions, 1)}
    assert (day, kind in DecisionKind, status) == (TODAY, True, DecisionStatus.FINAL)
    town.later(days=1)
    assert (town.do(counts.holds, 1, None), town.do(counts.decisions, 1)) == ({}, {})


@one_store
def test_counts_are_of_what_the_actor_sees(house):
    town, _ = house
    assert town.do(counts.stays, 1, actor=shelter("S2")) == {}
    assert town.do(counts.holds, 1, None, actor=shelter("S2")) == {}
    assert town.do(counts.stays, 1, actor=DESK)
