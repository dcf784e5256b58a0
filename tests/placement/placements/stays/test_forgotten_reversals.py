"""Data kept for a reversal: erased once its time has passed."""

from datetime import timedelta

import pytest

from placement.placements.stays import reversals, stays
from placement.placements.stays.prior_state import StatusReport, reversible_until
from placement.registrations.reopening import REVERSIBLE_FOR
from tests.support.town import DESK


def kept(town, *stay_ids):
    return [town.one("stay", one).before is not None for one in stay_ids]


@pytest.mark.wide
def test_only_what_was_of_a_client_days_ago_is_forgotten(town):
    left, lives = town.house(town.register(), "U1-women"), town.house(town.register(), "U4-crisis")
    town.do(stays.end, left, "own_housing")
    said = town.at
    town.later(days=1)
    later = town.house(town.register(), "U1-women")
    town.at = said + REVERSIBLE_FOR - timedelta(seconds=1)
    assert town.do(reversals.forget) == 0
    assert kept(town, left, lives, later) == [True, True, True]
    town.at = said + REVERSIBLE_FOR
    assert town.do(reversals.forget) == 2
    assert kept(town, left, lives, later) == [False, False, True]
    assert town.do(reversals.forget) == 0
    with town.act(DESK) as act:
        assert reversible_until(act, town.one("stay", later), StatusReport.ARRIVED) is not None


def test_what_was_of_a_client_gone_long_ago_is_forgotten(town):
    """An end that was entered afterwards, of the earliest day that can be."""
    stay = town.house(town.register())
    town.later(days=20)
    town.do(stays.end, stay, "own_housing", None, town.at - timedelta(days=13))
    town.later(days=4)
    assert town.do(reversals.forget) == 1
