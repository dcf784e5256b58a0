"""The small chart of the report: a bar for each of the last days, as SVG. The figures stand beside it.

Drawn in the colour of the text around it, so that it is readable in dark mode, on paper, and without colours.
"""

from collections.abc import Sequence

BAR, GAP, HEIGHT = 3, 1, 20
"""Size in the chart's own units."""

_LEAST = 1
"""A day with nothing free is a line on the baseline; a day without a report is left empty."""


def bars(series: Sequence[int | None], most: int | None = None) -> str:
    """An SVG of these figures, the oldest first; None where there is none. `most`: the value at full height; without
    it, the highest figure.

    It has no accessible name of its own: the page that shows it gives it `summary` in words.
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
    """The lowest and the highest figure; None where no day has one."""
    known = [value for value in series if value is not None]
    return (min(known), max(known)) if known else None
