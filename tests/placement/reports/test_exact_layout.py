"""The exact report of a day and of a period has no count about people in steps, and no sentence about steps."""

import re
from datetime import timedelta
from random import Random

import msgspec
import pytest

from placement.core.codes import DecisionKind
from placement.core.periods import PeriodKind, period_of
from placement.reports.build import build
from placement.reports.inputs import FlowRow
from placement.reports.periods.build import Daily
from placement.reports.periods.build import build as build_period
from placement.reports.periods.flow import StoredReport
from placement.reports.render.brief import brief
from placement.reports.render.layout import lay_out
from placement.reports.render.period import lay_out_period
from tests.support.reports.small_counts import some_rows

IN_STEPS = re.compile(r"<5|\d\N{EN DASH}\d|not shown|too few|two numbers")
SEEDS = range(6)
OF_PEOPLE = {"waiting", "flow", "clocks", "happened"}


def texts(laid_out):
    """All that is written about people, with the charts."""
    for part in laid_out.sections:
        if part.code in OF_PEOPLE:
            yield from part.sentences
            for chart in part.charts:
                yield from (chart.says, chart.picture)
            for table in (*part.tables, *(chart.figures for chart in part.charts)):
                yield from (cell.text for row in table.rows for cell in row.cells)


def steps_in(laid_out):
    return [text for text in texts(laid_out) if IN_STEPS.search(text)]


def exact_day(rows):
    return lay_out(build(rows, exact=True), "en", exact=True)


def overrides(rows, *, exact):
    report = build(rows, exact=exact)
    sentences = next(part for part in lay_out(report, "en", exact=exact).sections if part.code == "flow").sentences
    return report.flow.override_percent, sentences[1:]


def period_of_days(seed, *, exact):
    """Returns the layout of a period of three days of a week, and the week before them."""
    rng = Random(seed)
    first = some_rows(rng)
    days = [
        msgspec.structs.replace(some_rows(rng), on=first.on + timedelta(days=day), flow=first.flow) for day in range(3)
    ]
    reports = {rows.on: build(rows, exact=exact) for rows in days}
    told = [StoredReport(build(rows), rows.flow) for rows in days]
    period = period_of(PeriodKind.MONTH, first.on)
    daily = Daily(reports, told, period.begins_on, days[-1].on)
    return lay_out_period(build_period(period, daily, reports[first.on], exact=exact), "en", exact=exact)


@pytest.mark.parametrize("seed", SEEDS)
def test_exact_day_tells_no_count_in_steps(seed):
    rows = some_rows(Random(seed))
    assert steps_in(exact_day(rows)) == []
    assert steps_in(lay_out(build(rows), "en"))
    before, now = (build(some_rows(Random(one)), exact=True) for one in (seed + 1, seed))
    lines = [line.text for block in brief(now, before, None, "en", exact=True) for line in block.lines]
    assert [line for line in lines if IN_STEPS.search(line)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_exact_period_tells_no_count_in_steps(seed):
    assert steps_in(period_of_days(seed, exact=True)) == []
    assert steps_in(period_of_days(seed, exact=False))


def test_share_of_overrides_is_exact_where_counts_are():
    decisions = {DecisionKind.ACCEPT.value: 10, DecisionKind.OVERRIDE.value: 3}
    rows = msgspec.structs.replace(some_rows(Random(1)), flow=flow_of(decisions, {"continuity_of_care": 3}))
    told = "Of 13 decisions, 3 chose another place than was proposed: 23 %."
    assert overrides(rows, exact=True) == ("23", (told,))
    assert overrides(rows, exact=False)[0] == "0\N{EN DASH}31"


def test_nothing_is_too_few_to_tell_where_counts_are_exact():
    rows = msgspec.structs.replace(some_rows(Random(1)), flow=flow_of({}, {}), waiting=())
    assert overrides(rows, exact=True) == (None, ())
    assert "too few" in overrides(rows, exact=False)[1][0]
    assert steps_in(exact_day(rows)) == []


def flow_of(decisions, reasons):
    return FlowRow(some_rows(Random(1)).flow.begins_on, 0, 0, 0, decisions, reasons, {}, {}, {})
