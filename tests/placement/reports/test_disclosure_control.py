"""Disclosure control: no count below 5 can be inferred, by an attacker with a solver, over many days.

The attacker shares no code with the protection. All shown figures and all sums go to a solver (HiGHS), for a
single day and for the same week in later reports. It must succeed against variants that lack a part of the protection.
"""

import os
from datetime import date, timedelta
from random import Random

import pytest

from placement.reports import disclosure_control
from placement.reports.build import EXACT, people
from placement.reports.disclosure_control import POSSIBLE, possible, protect
from tests.support.reports.attacker import UNKNOWN, learned, limits
from tests.support.reports.small_counts import some_rows

DAYS = 400 if os.environ.get("PROOF_SIZE") == "full" else 12


def recovered(seed, told):
    """The counts below 5 of a random day of which the attacker leaves fewer than three values possible."""
    cells, sums = people(some_rows(Random(seed)))
    shown = told(cells, sums)
    parts = {part for ways in sums.values() for way in ways for part in way}
    small = [key for key, count in cells.items() if count < 5 and key in parts]
    found = learned(shown, sums, small)
    for key, (low, high) in found.items():
        assert low <= cells[key] <= high, key  # what is shown is true
    return [key for key, (low, high) in found.items() if high - low + 1 < POSSIBLE]


def ours(cells, sums):
    return protect(cells, sums, EXACT)


def small_ones_only(cells, _):
    """Hides only counts below 5: a broken variant."""
    return {key: "<5" if count < 5 else str(count) for key, count in cells.items()}


def without_a_look_at_the_whole(cells, _):
    """Rounds to steps without a look at the sums: the other broken variant."""
    return {key: disclosure_control._published(count, exact=key in EXACT) for key, count in cells.items()}


@pytest.mark.wide
def test_count_below_five_is_never_recovered():
    assert [found for seed in range(DAYS) for found in recovered(seed, ours)] == []


@pytest.mark.wide
@pytest.mark.parametrize("broken", [small_ones_only, without_a_look_at_the_whole])
def test_attacker_succeeds_against_incomplete_disclosure_control(broken):
    assert any(recovered(seed, broken) for seed in range(max(DAYS, 12)))


@pytest.mark.wide
@pytest.mark.parametrize("seed", range(8))
def test_possible_values_are_those_a_solver_finds(seed):
    cells, sums = people(some_rows(Random(seed)))
    shown = small_ones_only(cells, sums) if seed % 2 else ours(cells, sums)
    narrowed = possible(shown, sums)
    keys = Random(seed).sample(sorted(narrowed), 12)
    found = learned(shown, sums, keys)
    for key in keys:
        low, high = narrowed[key]
        assert (low, min(high, UNKNOWN)) == found[key] or found[key][1] > UNKNOWN / 2, key


@pytest.mark.parametrize(("count", "exact", "told"), [
    (0, True, "<5"), (4, True, "<5"), (5, True, "5"), (23, True, "23"),
    (0, False, "<5"), (4, False, "<5"), (5, False, "5\u20139"), (9, False, "5\u20139"), (10, False, "10\u201314"),
])  # fmt: skip
def test_count_is_exact_from_five_a_part_in_steps_of_five(count, exact, told):
    assert protect({("x",): count}, {}, [("x",)] if exact else []) == {("x",): told}


def test_total_with_one_small_part_is_in_steps():
    """9, of 5 to 9 and <5, leaves the small part 0 to 4; 8, of <5 and <5, would leave one value, 4 and 4."""
    sums = {("all",): [[("a",), ("b",)]]}
    assert protect({("all",): 9, ("a",): 7, ("b",): 2}, sums, [("all",)])[("all",)] == "9"
    shown = protect({("all",): 8, ("a",): 4, ("b",): 4}, sums, [("all",)])
    assert shown == {("all",): "5\u20139", ("a",): "<5", ("b",): "<5"}


def test_consecutive_reports_reveal_no_single_person():
    """With another client in a cause, the part is shown alike on both days, or its step leaves 1 to 9 possible."""
    for count in range(30):
        before, after = (protect({("a",): number}, {}) for number in (count, count + 1))
        (low, high), (later_low, later_high) = (limits(one[("a",)]) for one in (before, after))
        assert (later_high - low) - (later_low - high) >= POSSIBLE
    exact = [protect({("a",): number}, {}, [("a",)])[("a",)] for number in (12, 13)]
    assert exact == ["12", "13"]  # the broken variant: exact counts reveal a single person


def test_weekly_figures_never_overlap_partly():
    from placement.reports.sections.flow import WEEK, last_week  # noqa: PLC0415

    weeks = {last_week(date(2026, 1, 1) + timedelta(days=day)) for day in range(400)}
    assert all(week.weekday() == 0 for week in weeks)
    assert {later - earlier for earlier, later in zip(sorted(weeks), sorted(weeks)[1:], strict=False)} == {WEEK}
    for day in range(400):
        on = date(2026, 1, 1) + timedelta(days=day)
        assert on - timedelta(days=7) < last_week(on) + WEEK <= on
