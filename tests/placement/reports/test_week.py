"""The charts of the days before a report, and lists in the order of their figures."""

from datetime import timedelta

from placement.reports.model import Bottleneck, Counted
from placement.reports.render.layout import lay_out
from placement.reports.render.words import most_first, most_helpful_first
from placement.reports.week import WaitingDay, waiting_before
from placement.tables import DailyReport
from tests.support.reports.sample_report import report

REPORT = report()
ROWS = '{"waiting": [{"cause": "capacity", "days": 3}, {"cause": "capacity"}, {"cause": "needs"}], "on": "2026-11-20"}'
LATE = '{"waiting": [{"cause": "unknown"}]}'
PUBLISHED = '{"waiting": {"total": "<5", "by_cause": [{"code": "needs", "count": "<5"}], "median_days": null}}'


def stored(back, rows=ROWS):
    return DailyReport(on=REPORT.on - timedelta(days=back), rows=rows, report=PUBLISHED)


def test_desk_reads_exact_days_and_others_the_published_ones():
    earlier = [stored(1), stored(2, LATE), stored(8)]
    days = [REPORT.on - timedelta(days=back) for back in (1, 2)]
    exact = waiting_before(earlier, REPORT.on, exact=True)
    assert exact == (WaitingDay(days[0], "3", {"capacity": "2", "needs": "1"}), WaitingDay(days[1], "1", {}))
    assert waiting_before(earlier, REPORT.on, exact=False) == tuple(
        WaitingDay(day, "<5", {"needs": "<5"}) for day in days
    )


def test_page_draws_the_days_and_says_their_figures():
    waiting = REPORT.waiting.model_copy(
        update={"total": "9", "by_cause": (Counted(code="needs", count="2"), Counted(code="capacity", count="7"))}
    )
    week = [WaitingDay(REPORT.on - timedelta(days=1), "4", {"capacity": "4"})]
    laid_out = lay_out(REPORT.model_copy(update={"waiting": waiting}), "en", exact=True, week=week)
    part = next(part for part in laid_out.sections if part.code == "waiting")
    [chart] = part.charts
    assert [row.cells[1].text for row in chart.figures.rows] == [*["\N{EN DASH}"] * 6, "4", "9"]
    causes = next(table for table in part.tables if len(table.columns) == 3)
    assert [row.cells[1].text for row in causes.rows] == ["7", "2"]
    assert [row.cells[2].alt for row in causes.rows] == ["between 4 and 7", "between 0 and 2"]
    assert not next(part for part in lay_out(REPORT, "en").sections if part.code == "waiting").charts


def test_order_by_figure_uses_the_published_form_only():
    counts = [Counted(code=code, count=count) for code, count in zip("abcd", ("<5", "hidden", "12", "6"), strict=True)]
    assert [one.code for one in most_first(counts)] == ["c", "d", "a", "b"]
    extras = [Bottleneck(unit=str(n), scheme="cosm", extra="room_1", serves=str(n)) for n in (3, 1, 4, 3)]
    assert [one.serves for one in most_helpful_first(extras)] == ["4", "3", "3", "1"]
