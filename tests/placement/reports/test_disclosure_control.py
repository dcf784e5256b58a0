"""Disclosure control: no count below 5 can be inferred, by an attacker with a solver, over many days.

The attacker shares no code with the protection: all that is shown, and all that adds up, goes to a solver (HiGHS), for
one day alone and for the same week told again. It must succeed against variants that lack a part of the protection.
"""

import os
from datetime import date, datetime, timedelta
from random import Random

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from placement.core.clock import AMSTERDAM
from placement.core.codes import DecisionKind, Region
from placement.core.reason_codes import Step, reasons_for
from placement.core.request_codes import ASKED_FOR
from placement.reports import disclosure_control
from placement.reports.build import EXACT, people
from placement.reports.disclosure_control import HIDDEN, POSSIBLE, possible, protect
from placement.reports.inputs import FlowRow, Rows, StayRow, WaitingRow
from placement.reports.sections.clocks import BLOCKERS
from placement.reports.sections.waiting import CAUSES

DAYS = 400 if os.environ.get("PROOF_SIZE") == "full" else 12
UNKNOWN = 10_000


def limits(text):
    if text == HIDDEN:
        return 0, UNKNOWN
    if text == "<5":
        return 0, 4
    low, _, high = text.partition("\u2013")
    return int(low), int(high or low)


def learned(shown, sums, keys=None):
    """What the attacker finds: the least and the most that each count can be, by a solver."""
    names = list(shown)
    at = {name: number for number, name in enumerate(names)}
    rows = []
    for whole, ways in sums.items():
        for parts in ways:
            row = np.zeros(len(names))
            row[at[whole]] = -1
            for part in parts:
                row[at[part]] = 1
            rows.append(row)
    bounds = np.array([limits(shown[name]) for name in names], dtype=float)
    adds_up = LinearConstraint(np.array(rows), 0, 0)
    found = {}
    for name in keys or names:
        goal = np.zeros(len(names))
        goal[at[name]] = 1
        ends = [
            milp(
                sign * goal,
                constraints=adds_up,
                bounds=Bounds(bounds[:, 0], bounds[:, 1]),
                integrality=np.ones(len(names)),
            )
            for sign in (1, -1)
        ]
        assert all(end.success for end in ends)
        found[name] = (round(ends[0].fun), round(-ends[1].fun))
    return found


def some_rows(rng):
    """A day in which most counts are small, as they are."""
    on = date(2026, 11, 24)
    tally = lambda step: {one.code: rng.randint(1, 6) for one in reasons_for(step) if rng.random() < 0.4}  # noqa: E731
    overrides, declines = tally(Step.OVERRIDE), tally(Step.DECLINE)
    decisions = {
        DecisionKind.ACCEPT.value: rng.randint(0, 9),
        DecisionKind.OVERRIDE.value: sum(overrides.values()),
        DecisionKind.DECLINE.value: sum(declines.values()),
    }
    causes = rng.sample(CAUSES, rng.randint(1, 4))
    regions = rng.sample(list(Region), rng.randint(1, 4))
    return Rows(
        on=on, as_of=datetime(2026, 11, 24, 7, tzinfo=AMSTERDAM), late=False, shelters=(), units=(), extras=(),
        waiting=tuple(
            WaitingRow(rng.choice(regions).value, rng.randint(1, 4), rng.randint(0, 30), rng.choice(causes))
            for _ in range(rng.randint(0, 30))
        ),
        flow=FlowRow(
            on - timedelta(days=8), rng.randint(0, 20), rng.randint(0, 20), rng.randint(0, 9), decisions, overrides,
            declines, tally(Step.REFUSE), tally(Step.END), rng.randint(0, 9),
        ),
        stays=tuple(
            StayRow("U", rng.choice(regions).value, rng.randint(40, 120), 90, 1, rng.choice(BLOCKERS[-3:]))
            for _ in range(rng.randint(0, 30))
        ),
        spans=(), left=(), before=(), moving={kind: rng.randint(0, 9) for kind in ASKED_FOR},
    )  # fmt: skip


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
    """The broken variant: what is below 5 is not told, and all the rest is."""
    return {key: "<5" if count < 5 else str(count) for key, count in cells.items()}


def without_a_look_at_the_whole(cells, _):
    """The other one: told in steps, but nobody looks at what adds up."""
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
    """One client more in one cause: the part is told alike on both days, or its step leaves 1 to 9 possible."""
    for count in range(30):
        before, after = (protect({("a",): number}, {}) for number in (count, count + 1))
        (low, high), (later_low, later_high) = (limits(one[("a",)]) for one in (before, after))
        assert (later_high - low) - (later_low - high) >= POSSIBLE
    exact = [protect({("a",): number}, {}, [("a",)])[("a",)] for number in (12, 13)]
    assert exact == ["12", "13"]  # the broken variant: told exactly, one person shows


def test_weekly_figures_never_overlap_partly():
    from placement.reports.sections.flow import WEEK, last_week  # noqa: PLC0415

    weeks = {last_week(date(2026, 1, 1) + timedelta(days=day)) for day in range(400)}
    assert all(week.weekday() == 0 for week in weeks)
    assert {later - earlier for earlier, later in zip(sorted(weeks), sorted(weeks)[1:], strict=False)} == {WEEK}
    for day in range(400):
        on = date(2026, 1, 1) + timedelta(days=day)
        assert on - timedelta(days=7) < last_week(on) + WEEK <= on
