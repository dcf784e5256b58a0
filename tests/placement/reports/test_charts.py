"""A chart with axes: bars by their figures, lighter where uncertain, its answer in words and as a table."""

import re
from datetime import date, timedelta

import pytest

from placement.reports.render.axes import WIDTH, axes, ranking
from placement.reports.render.charts import bar_of, chart_of_days
from placement.reports.render.words import ReportWords

WORDS = ReportWords("en", exact=False, areas={})
MONDAY = date(2026, 11, 2)


def drawn(series):
    return axes("q", series, [(0, "Mon")], title="How <many>?", description="Few.", unit="Beds")


def heights(picture):
    [path] = re.findall(r'<path class="drawn" fill="currentColor" d="([^"]*)"', picture)
    return [float(height) for height in re.findall(r"v-([\d.]+)h", path)]


def test_bar_has_its_share_of_the_axis_and_its_figure():
    picture = drawn([(2, 2), None, (4, 4), (0, 0)])
    low, high, none = heights(picture)
    assert high == pytest.approx(2 * low, abs=0.2)
    assert none < 1
    assert re.findall(r'text-anchor="middle">(\d+)<', picture) == ["2", "4", "0"]
    assert re.findall(r'text-anchor="end">(\d+)<', picture) == ["0", "1", "2", "3", "4"]


def test_range_is_drawn_lighter_above_what_is_certain():
    picture = drawn([(5, 9), (7, 7)])
    certain, _ = heights(picture)
    [rest] = re.findall(r'fill-opacity=".35" d="M[\d. ]+v-([\d.]+)h', picture)
    assert float(rest) / certain == pytest.approx(4 / 5, abs=0.02)
    assert re.findall(r'text-anchor="middle">(\d+)<', picture) == ["7"]  # no figure without a known count
    assert "fill-opacity" not in drawn([(7, 7)]).replace("stroke-opacity", "")


def test_chart_has_its_question_and_answer_as_its_name():
    picture = drawn([(1, 1)])
    assert 'aria-labelledby="q-title q-desc"' in picture
    assert '<title id="q-title">How &lt;many&gt;?</title><desc id="q-desc">Few.</desc>' in picture
    assert "style=" not in picture  # the pages forbid inline styles


def test_ranking_has_words_and_figure_of_each_row():
    picture = ranking("q", [("West & North", 20), ("East", 10)], title="Where?", description="West.")
    assert re.findall(r'text-anchor="start">([^<]*)<', picture) == ["West &amp; North", "East", "20", "10"]
    first, second = (float(width) for width in re.findall(r"h([\d.]+)v7H0z", picture))
    assert first == pytest.approx(2 * second)
    sizes = [re.findall(r'viewBox="0 0 (\d+) (\d+)"', ranking("q", rows, title="", description=""))
             for rows in ([("one", 10)], [("one", 10), ("two", 10)])]  # fmt: skip
    assert {int(width) for [(width, _)] in sizes} == {WIDTH}
    assert len({int(height) // rows for rows, [(_, height)] in enumerate(sizes, 1)}) == 1


@pytest.mark.parametrize(
    ("value", "bar"),
    [(3, (3, 3)), ("<5", (0, 4)), ("10\N{EN DASH}14", (10, 14)), ("7", (7, 7)), ("hidden", None), (None, None)],
)
def test_published_count_is_drawn_as_what_it_can_be(value, bar):
    assert bar_of(value) == bar


def test_answer_names_lowest_highest_and_last_known_day():
    days = [MONDAY + timedelta(days=number) for number in range(4)]
    chart = chart_of_days(WORDS, "ask_waiting", days, ["7", "<5", "9", None], "households")
    assert chart.says == "Lowest 0\N{EN DASH}4 (Tue 3 Nov), highest 9 (Wed 4 Nov), last 9 (Wed 4 Nov)"
    assert [[cell.text for cell in row.cells] for row in chart.figures.rows] == [
        ["Mon 2 Nov", "7"], ["Tue 3 Nov", "0\N{EN DASH}4"], ["Wed 4 Nov", "9"], ["Thu 5 Nov", "\N{EN DASH}"],
    ]  # fmt: skip
    assert chart_of_days(WORDS, "ask_waiting", days, [None] * 4, "households") is None


def test_year_of_days_is_a_table_of_months():
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    chart = chart_of_days(WORDS, "ask_free", days, [day.day for day in days], "beds")
    rows = [[cell.text for cell in row.cells] for row in chart.figures.rows]
    assert (len(rows), rows[1]) == (12, ["February 2026", "1", "28"])
