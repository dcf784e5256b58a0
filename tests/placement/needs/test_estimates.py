"""The effect of places more, and differences between groups that are a statement."""

from random import Random

import pytest

from placement.needs.estimates import compare, gained

ENDLESS = 1e9
"""A wait, in days, that ends only if the gain of a day ends."""


@pytest.mark.parametrize(
    ("gains", "places", "stay_days", "placed", "saved"),
    [
        ([0] * 90, 1, 30, 0, 0),
        ([1] * 10 + [0] * 80, 1, 30, 1, 10),  # a person who would have waited for ten days
        ([1] * 10 + [0] * 80, 2, 30, 1, 10),  # the second place is of no use to anybody
        ([2] * 10 + [0] * 80, 2, 30, 2, 20),
        ([1] * 90, 1, 30, 1, 90),  # the same person, who would have waited all the time
        ([1] * 5 + [0] + [1] * 84, 1, 30, 2, 65),  # the next person, after the first person left
    ],
)
def test_a_place_serves_the_next_person_when_it_is_free_again(gains, places, stay_days, placed, saved):
    found = gained(gains, places, stay_days, ENDLESS, with_interval=True)
    assert (found.placed.likely, found.days_saved.likely) == (placed, saved)
    assert found.placed.low <= placed <= found.placed.high


def test_place_in_a_long_queue_serves_a_person_for_each_stay():
    found = gained([1] * 180, 1, 30, 10, with_interval=True)
    assert found.placed.likely == 6  # 180 / 30; those who were placed would not have waited for 180 days
    assert found.days_saved.likely == pytest.approx(6 * 10, rel=0.1)


def test_interval_contains_its_estimate_when_waits_are_long():
    one_long_wait = [0] * 63 + [1] * 63
    for one in gained(one_long_wait, 1, 200, ENDLESS, with_interval=True):
        assert one.low <= one.likely <= one.high


def test_estimate_of_a_month_has_no_interval():
    assert gained([1] * 30, 1, 30, ENDLESS, with_interval=True).placed.low is None


def weeks(rng, mean, number=26):
    return [(sum(rng.expovariate(1 / mean) for _ in range(6)), 6) for _ in range(number)]


@pytest.mark.wide
def test_equal_groups_carry_no_statement_and_unequal_groups_do():
    rng = Random(4)
    equal = [compare(weeks(rng, 10), weeks(rng, 10), 1) for _ in range(60)]
    assert sum(one is not None for one in equal) <= 2
    longer = compare(weeks(rng, 20), weeks(rng, 10), 1)
    assert longer.is_higher
    assert longer.of_group.low > longer.of_others.high - 5
    assert compare(weeks(rng, 20, 5), weeks(rng, 10, 5), 1) is None
