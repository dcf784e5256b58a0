"""The charts of the report. Each answers the question in its title with a bar for each day, and has a table."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date

from placement.reports.disclosure_control import HIDDEN, range_of
from placement.reports.render.axes import Bar, axes
from placement.reports.render.words import Chart, ReportWords, Table

_FEW, _MANY = 8, 100
"""The limits for the marks of the axis: a mark for each day up to `_FEW` days, for each month from `_MANY` days on, and
for each week between these limits.
"""


def chart_of_days(
    words: ReportWords, question: str, days: Sequence[date], values: Sequence[int | str | None], unit: str
) -> Chart | None:
    """Returns a chart; `None` if no value is known. `question`: the code of the question. `values`: a figure or a
    published count for each day.
    """
    series = [bar_of(value) for value in values]
    known = [(day, bar) for day, bar in zip(days, series, strict=True) if bar is not None]
    if not known:
        return None
    title = words.words(question)
    lowest, highest = min(known, key=lambda row: row[1]), max(known, key=lambda row: row[1][1])
    description = words.words(
        "chart_says",
        lowest=_said(lowest[1]),
        lowest_on=_day(words, lowest[0]),
        highest=_said(highest[1]),
        highest_on=_day(words, highest[0]),
        last=_said(known[-1][1]),
        last_on=_day(words, known[-1][0]),
    )
    figures = _by_month(words, known) if len(days) > _MANY else _by_day(words, days, series, unit)
    return Chart(
        title,
        axes(question, series, _marks(words, days), title=title, description=description, unit=words.words(unit)),
        description,
        figures,
    )


def _by_day(words: ReportWords, days: Sequence[date], series: Sequence[Bar], unit: str) -> Table:
    rows = [(_day(words, day), _said(bar) if bar else None) for day, bar in zip(days, series, strict=True)]
    return words.table("each_day", ("day", unit), rows, long=True)


def _by_month(words: ReportWords, known: Sequence[tuple[date, tuple[int, int]]]) -> Table:
    """Returns a table of the lowest and the highest figure of each month; a row for each day would be too long."""
    months: dict[date, list[tuple[int, int]]] = {}
    for day, bar in known:
        months.setdefault(day.replace(day=1), []).append(bar)
    rows = [
        (format_date(month, "LLLL y", locale=words.locale), _said(min(bars)), _said(max(bars, key=lambda bar: bar[1])))
        for month, bars in months.items()
    ]
    return words.table("each_month", ("month", "lowest", "highest"), rows, long=True)


def bar_of(value: int | str | None) -> Bar:
    """Returns the possible values of a published count; `None` if they are unknown."""
    if value is None or value == HIDDEN:
        return None
    if isinstance(value, int):
        return value, value
    least, most = range_of(value)
    return least, least if most is None else most


def _marks(words: ReportWords, days: Sequence[date]) -> list[tuple[int, str]]:
    if len(days) <= _FEW:
        return [(number, format_date(day, "EEE d", locale=words.locale)) for number, day in enumerate(days)]
    if len(days) < _MANY:
        mondays = [number for number, day in enumerate(days) if day.weekday() == 0]
        every = mondays[:: max(1, len(mondays) // 4)]
        return [(number, format_date(days[number], "d MMM", locale=words.locale)) for number in every]
    return [
        (number, format_date(day, "MMM", locale=words.locale))
        for number, day in enumerate(days)
        if day.day == 1 and (day.month % 2 or len(days) < _MANY * 2)
    ]


def _said(bar: tuple[int, int]) -> str:
    low, high = bar
    return str(low) if low == high else f"{low}\N{EN DASH}{high}"


def _day(words: ReportWords, day: date) -> str:
    return format_date(day, "EEE d MMM", locale=words.locale)
