"""A chart with axes, units and figures, as SVG. Its title is the question that the chart answers. The chart is drawn in
the colour of the surrounding text, so that it is readable in dark mode, on paper, and without colours.
"""

from collections.abc import Sequence
from html import escape
from math import ceil

WIDTH, HEIGHT = 360, 150
"""The size of the chart in its own units. On a telephone a unit is about a pixel, so that text is readable there."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 6, 22, 22
_ROUND = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_LINES = 4
"""The largest number of lines above the baseline."""
_LEAST = 0.5
"""The height of a bar for the figure 0: a line on the baseline. No bar is drawn for an unknown figure."""
_NARROW, _WIDE_OF_FIGURE = 3, 5
"""Bars narrower than `_NARROW` touch each other. A bar shows its figure if it has `_WIDE_OF_FIGURE` units for each
digit.
"""
_FEW = 8
"""The largest number of bars for which each mark is centred below its bar."""

Bar = tuple[int, int] | None
"""The least and the greatest value of a bar, which are usually equal; `None` if the value is unknown."""


def axes(
    code: str, series: Sequence[Bar], marks: Sequence[tuple[int, str]], *, title: str, description: str, unit: str
) -> str:
    """Draws a bar for each value, with both axes. The uncertain part of a range is drawn lighter. `marks`: texts below
    bars, each with the number of its bar. `unit`: the text above the left axis. `code`: a prefix for the ids in the
    chart, so that they differ from those of other charts on the page.
    """
    most = max((bar[1] for bar in series if bar), default=0)
    step = _step(most)
    lines = max(1, ceil(most / step))
    each, scale = (WIDTH - _LEFT - _RIGHT) / max(len(series), 1), (HEIGHT - _TOP - _BOTTOM) / (lines * step)
    floor = HEIGHT - _BOTTOM
    gap = 0 if each < _NARROW else min(2.0, each / 4)
    certain, possible, figures = [], [], []
    for number, bar in enumerate(series):
        if bar is None:
            continue
        x, width, (low, high) = _LEFT + number * each + gap / 2, each - gap, bar
        certain.append(f"M{x:.1f} {floor}v-{max(low * scale, _LEAST):.1f}h{width:.1f}V{floor}z")
        if high > low:
            rest = (high - low) * scale
            possible.append(f"M{x:.1f} {floor - low * scale:.1f}v-{rest:.1f}h{width:.1f}v{rest:.1f}z")
        if low == high and each > _WIDE_OF_FIGURE * len(str(most)):
            figures.append(_text(x + width / 2, floor - high * scale - 3, str(high), "middle"))
    grid = [(number * step, floor - number * step * scale) for number in range(lines + 1)]
    rules = "".join(f"M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}" for _, y in grid)
    texts = [_text(_LEFT - 4, y + 4, str(value), "end") for value, y in grid]
    below = [_text(*_below(number, each), words, _anchor(number, len(series))) for number, words in marks]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{code}-title {code}-desc">'
        f'<title id="{code}-title">{escape(title)}</title><desc id="{code}-desc">{escape(description)}</desc>'
        f'<path class="rules" fill="none" stroke="currentColor" stroke-opacity=".25" d="{rules}"/>'
        f'<path class="drawn" fill="currentColor" d="{"".join(certain)}"/>'
        + (f'<path class="drawn" fill="currentColor" fill-opacity=".35" d="{"".join(possible)}"/>' if possible else "")
        + f'<g fill="currentColor" font-size="11">{_text(0, 11, unit, "start")}{"".join(texts)}</g>'
        + f'<g fill="currentColor" font-size="10">{"".join(below)}</g>'  # the days of a week stand side by side
        + f'<g fill="currentColor" font-size="8">{"".join(figures)}</g></svg>'
    )


_ROW, _THICK, _FIGURE = 26, 7, 40
"""The height of a row of a ranking, the thickness of its bar, and the width that is reserved for the figure."""


def ranking(code: str, rows: Sequence[tuple[str, int]], *, title: str, description: str) -> str:
    """Draws a bar with its figure for each row, below the words of the row. `code`: as in `axes`."""
    most, height = max(1, *(value for _, value in rows)), len(rows) * _ROW
    path, words, figures = [], [], []
    for number, (text, value) in enumerate(rows):
        y, width = number * _ROW, max(value / most * (WIDTH - _FIGURE), _LEAST)
        path.append(f"M0 {y + 15}h{width:.1f}v{_THICK}H0z")
        words.append(_text(0, y + 11, text, "start"))
        figures.append(_text(width + 4, y + 22, str(value), "start"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="{code}-title {code}-desc">'
        f'<title id="{code}-title">{escape(title)}</title><desc id="{code}-desc">{escape(description)}</desc>'
        f'<path class="drawn" fill="currentColor" d="{"".join(path)}"/>'
        f'<g fill="currentColor" font-size="11">{"".join(words)}{"".join(figures)}</g></svg>'
    )


def _step(most: int) -> int:
    """Returns the distance between two lines of the left axis: a round figure, chosen so that there are few lines."""
    return next((step for step in _ROUND if step * _LINES >= most), ceil(most / _LINES))


def _below(number: int, each: float) -> tuple[float, float]:
    return _LEFT + (number + 0.5) * each, HEIGHT - 6


def _anchor(number: int, bars_in_all: int) -> str:
    """Returns the text anchor of a mark, so that the marks at the ends stay inside the chart."""
    if bars_in_all <= _FEW:
        return "middle"
    return "end" if number == bars_in_all - 1 else "start" if number == 0 else "middle"


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
