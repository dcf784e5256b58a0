"""The small chart of the report: a bar for each of the last days, as SVG. The figures are beside it. The chart is drawn
in the colour of the surrounding text, so that it is readable in dark mode, on paper, and without colours.
"""

from collections.abc import Sequence

BAR, GAP, HEIGHT = 3, 1, 20
"""The width of a bar, the gap between bars, and the height of the chart, in the chart's own units."""

_LEAST = 1
"""The height of the bar for a day with nothing free: a line on the baseline. For a day without a report nothing is
drawn.
"""


def bars(series: Sequence[int | None], most: int | None = None) -> str:
    """Draws these figures as SVG, oldest first. `None` stands for an unknown figure. `most`: the value at full height;
    without it, the highest figure. The chart has no accessible name. Its page describes it in words, with the two
    figures of `spread`.
    """
    top = max(most or 0, *(value or 0 for value in series), 1)
    width = len(series) * (BAR + GAP) - GAP
    path = "".join(
        f"M{day * (BAR + GAP)} {HEIGHT}v-{max(round(value / top * HEIGHT), _LEAST)}h{BAR}V{HEIGHT}z"
        for day, value in enumerate(series)
        if value is not None
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}">'
        f'<path fill="none" stroke="currentColor" stroke-opacity=".4" d="M0 .5H{width}M0 {HEIGHT - 0.5}H{width}"/>'
        f'<path fill="currentColor" d="{path}"/></svg>'
    )


def spread(series: Sequence[int | None]) -> tuple[int, int] | None:
    """Returns the lowest and the highest figure; `None` if no day has a figure."""
    known = [value for value in series if value is not None]
    return (min(known), max(known)) if known else None
