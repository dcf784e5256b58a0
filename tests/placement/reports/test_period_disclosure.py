"""Periods reveal no more of a week than the daily reports: an attacker with a solver, over all that is published.

The attacker has the weekly counts with their parts, and every month, quarter and year; and knows how they are made. It
must succeed against variants that lack a part of the protection.
"""

from datetime import date, timedelta
from itertools import pairwise, product
from math import inf
from random import Random

import pytest

from placement.core.periods import Period, PeriodKind, period_of
from placement.reports.build import build
from placement.reports.inputs import FlowRow
from placement.reports.periods import flow as flow_of_periods
from placement.reports.periods.flow import TOTALS, StoredReport, flow_over, narrowest, published, text_of, true_total
from tests.support.reports.attacker import UNKNOWN, learned, limits
from tests.support.reports.known_counts import flow_of, known_of, some_week
from tests.support.reports.small_counts import some_rows
from tests.support.stores import first_and_wide

YEAR = period_of(PeriodKind.YEAR, date(2026, 7, 1))
FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
"""Span with a report for every day; no report is still to come."""


def random_weeks(rng, skew):
    """Small counts, as they are, of each Monday; and what each reader knows of them."""
    happened = {monday: list(some_week(rng, size=0.25, skew=skew)) for monday in YEAR.weeks}
    return {monday: (flow_of(found, monday), known_of(found)) for monday, found in happened.items()}


def told(flow, rng=None):
    rows = some_rows(rng or Random(1))
    return StoredReport(
        build(type(rows)(**{**{name: getattr(rows, name) for name in rows.__struct_fields__}, "flow": flow})), flow
    )


def year_of(seed, skew=1):
    return [told(flow) for flow, _ in random_weeks(Random(seed), skew).values()]


def periods_of(period):
    """It, and all that it consists of but weeks."""
    return [period, *(one for part in period.parts for one in periods_of(part) if part.parts)]


def totals(period, weeks):
    within = [one for one in weeks if one.flow.begins_on in set(period.weeks)]
    found = flow_over(period, within, FIRST, LAST, exact=False)
    assert found.complete
    return {one.code: one.count for one in found.totals}


def exactly(period, weeks):
    """The broken variant: each total from 5 on as it is."""
    within = [one.flow for one in weeks if one.flow.begins_on in set(period.weeks)]
    sums = {name: sum(true_total(flow, name) for flow in within) for name in TOTALS}
    return {name: "<5" if count < 5 else str(count) for name, count in sums.items()}


def known(weeks, name, tell=None):
    """Returns all published values of a total, by week and by period, with their sums."""
    shown = {one.flow.begins_on: text_of(published(one.report)[name,]) for one in weeks}
    sums = {}
    for period in periods_of(YEAR) if tell else ():
        shown[period] = tell(period, weeks)[name]
        sums[period] = [period.weeks]
    return shown, sums


@pytest.mark.wide
@pytest.mark.parametrize(("name", "seed"), first_and_wide(*product(["arrived", "decisions", "ended"], range(3))))
def test_no_week_is_pinned_more_closely_than_by_its_report(name, seed):
    weeks = year_of(seed)
    shown, sums = known(weeks, name, totals)
    found = learned(shown, sums, YEAR.weeks)
    for one in weeks:
        low, high = published(one.report)[name,]
        least, most = found[one.flow.begins_on]
        assert least == low, one.flow.begins_on
        assert most == high or (high == inf and most > UNKNOWN / 2), one.flow.begins_on


def pinned_by_readers(seed, name, skew, tell):
    """The weeks of which some shelter or area finds what all others have more closely than by the week's own report."""
    weeks, known_by = year_of(seed, skew), random_weeks(Random(seed), skew)
    shown, sums = known(weeks, name, tell)
    found = set()
    for reader in ("area:amsterdam", "shelter:S00", "shelter:S01"):
        own = {monday: counts[reader]["flow", name] for monday, (_, counts) in known_by.items()}
        own |= {period: sum(own[monday] for monday in period.weeks) for period in sums}
        for monday, beside in learned(shown, sums, YEAR.weeks, own).items():
            alone = tuple(max(0, end - own[monday]) for end in limits(shown[monday]))
            found |= {(reader, monday)} if beside != alone else set()
    return found


@pytest.mark.wide
@pytest.mark.parametrize("skew", [1, *(pytest.param(skew, marks=pytest.mark.wide) for skew in (3, 8))])
def test_reader_with_own_counts_pins_no_week_by_periods(skew):
    assert pinned_by_readers(0, "arrived", skew, totals) == set()


@pytest.mark.wide
def test_reader_pins_weeks_where_no_total_minds_it(monkeypatch):
    """A broken variant shows totals as closely as a reader without own cases may know them."""
    monkeypatch.setattr(flow_of_periods, "_most_of_one", lambda *_: 0)
    assert pinned_by_readers(0, "arrived", 8, totals)


@pytest.mark.wide
def test_attacker_pins_weeks_where_each_total_is_exact():
    pinned = 0
    for seed in range(4):
        weeks = year_of(seed)
        shown, sums = known(weeks, "arrived", exactly)
        found = learned(shown, sums, YEAR.weeks)
        pinned += sum(found[one.flow.begins_on] != published(one.report)["arrived",] for one in weeks)
    assert pinned


@pytest.mark.wide
def test_attacker_pins_a_week_by_a_month_so_far():
    """A broken variant shows the exact total of the weeks until now each week; the difference is the week."""
    weeks = year_of(3)[:4]
    shown = {one.flow.begins_on: text_of(published(one.report)["arrived",]) for one in weeks}
    sums = {}
    for number in range(1, len(weeks) + 1):
        so_far = sum(one.flow.arrived for one in weeks[:number])
        shown[number] = "<5" if so_far < 5 else str(so_far)
        sums[number] = [[one.flow.begins_on for one in weeks[:number]]]
    found = learned(shown, sums, [one.flow.begins_on for one in weeks])
    assert any(low == high for low, high in found.values())


@pytest.mark.wide
def test_period_so_far_tells_the_sum_of_the_weeks_alone():
    month = period_of(PeriodKind.MONTH, date(2026, 10, 7))
    weeks = [one for one in year_of(3) if one.flow.begins_on in month.weeks]
    for number in range(1, len(month.weeks)):
        until = month.weeks[number - 1] + timedelta(days=7)
        found = flow_over(month, weeks[:number], FIRST, until, exact=False)
        assert not found.complete
        for one in found.totals:
            ranges = [published(week.report)[one.code,] for week in weeks[:number]]
            assert one.count == text_of((sum(low for low, _ in ranges), sum(high for _, high in ranges)))


def test_corrected_week_leaves_the_total_to_the_sum_of_weeks():
    """Exact totals before and after a correction would reveal it; such a week keeps its published figure."""
    month = period_of(PeriodKind.MONTH, date(2026, 10, 7))
    arrived = lambda monday, count: told(FlowRow(monday, 0, count, 0, {}, {}, {}, {}, {}, of_readers={}))  # noqa: E731
    weeks = [arrived(monday, 2) for monday in month.weeks]
    assert totals(month, weeks)["arrived"] == str(2 * len(weeks))
    corrected = arrived(month.weeks[0], 3)
    assert totals(month, [*weeks, corrected])["arrived"] == f"0\N{EN DASH}{4 * len(weeks)}"


@pytest.mark.parametrize(
    "parts", [[(0, 4)] * 4, [(0, 4)] * 52, [(2, 4), (0, 4), (5, 9)], [(20, 20), (0, 4)], [(7, 7), (9, 9)], [(0, 2)] * 6]
)
@pytest.mark.parametrize("own", [0, 1, 3])
def test_total_leaves_each_value_of_each_part_possible(parts, own):
    """The same holds for a reader who knows the rule and has so many of each part, over all totals shown alike."""
    least, most = sum(low for low, _ in parts), sum(high for _, high in parts)
    of_reader = [min(own, high) for _, high in parts]
    told_as = {total: narrowest(parts, total, of_reader) for total in range(least, most + 1)}
    beside = [(max(low, one), high) for (low, high), one in zip(parts, of_reader, strict=True)]
    known = sum(low for low, _ in beside)
    for total, (low, high) in told_as.items():
        assert low <= total <= high
        if total < known:
            continue
        alike = [other for other, text in told_as.items() if text == (low, high) and other >= known]
        for part_low, part_high in beside:
            assert min(alike) <= most - part_high + part_low
            assert max(alike) >= known + part_high - part_low
        assert high == low or high >= 4
        assert not (low == high < 5 and least < most)


def test_weeks_months_quarters_and_years_never_overlap_partly():
    for kind in PeriodKind:
        period, seen = period_of(kind, date(2024, 1, 3)), []
        while period.begins_on < date(2028, 1, 1):
            assert period.next.begins_on == period.ends_on + timedelta(days=1)
            assert period.next.previous == period
            assert not period.parts or [week for part in period.parts for week in part.weeks] == period.weeks
            seen += period.weeks
            period = period.next
        assert seen == sorted(set(seen))
        assert {later - earlier for earlier, later in pairwise(seen)} == {timedelta(days=7)}


def test_week_of_two_years_belongs_to_that_of_its_thursday():
    turn = date(2026, 12, 31)  # a Thursday
    assert period_of(PeriodKind.YEAR, turn).weeks[-1] == date(2026, 12, 28)
    assert Period(PeriodKind.MONTH, date(2027, 1, 1), date(2027, 1, 31)).weeks[0] == date(2027, 1, 4)
