"""The small chart of the report: a bar for each of the last days, as SVG, with the figures beside it.

Drawn in the colour of the text around it, so that it is readable in dark mode, on paper, and without colours.
"""

from collections.abc import Sequence

BAR, GAP, HEIGHT = 3, 1, 20
"""Size in the chart's own units."""

_LEAST = 1
"""The height of a day with nothing free: a line on the baseline. A day without a report is left empty."""


def bars(series: Sequence[int | None], most: int | None = None) -> str:
    """Draws these figures as SVG, oldest first; `None` for an unknown figure. `most`: the value at full height.

    Without `most` it is the highest figure. The chart has no accessible name: its page gives it `summary` in words.
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
