"""The tables of the benchmarks in the documents: the median and the worst figure of each generator, with commit and
date.
"""

import subprocess
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

Row = dict[str, Any]
GUIDE = Path(__file__).parents[1] / "docs" / "guide"
BEGIN, END = "<!-- made by: make bench -->\n", "<!-- end of what is made -->\n"
WHOLE = {
    "match_s": "`match`",
    "alternatives_s": "`alternatives`",
    "bottlenecks_s": "`bottlenecks`",
    "ways_out_s": "`ways_out`",
    "advice_s": "advice",
    "model_s": "one-page model",
    "highs_whole_s": "HiGHS",
}


def written(rows: list[Row]) -> list[Path]:
    """Writes the tables into the pages, and returns the changed pages."""
    said = stamp("processor time; median, and the worst seed in brackets")
    done = []
    for name, key, table in (("matching.md", "model_s", whole_table), ("matching-scale.md", "limit_s", large_table)):
        if these := [row for row in rows if key in row]:
            page = GUIDE / name
            page.write_text(with_table(page.read_text(), f"{said}\n\n{table(these)}"))
            done.append(page)
    return done


def stamp(measure: str) -> str:
    """Returns the line above a table: commit, day, and how the figures were measured."""
    return f"Commit {_commit()}, {datetime.now(UTC):%Y-%m-%d}; {measure}."


def with_table(page: str, table: str) -> str:
    """Returns the page with this table in place of the earlier table."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}"


def whole_table(rows: list[Row]) -> str:
    """Returns the table of milliseconds for problems that are solved whole: a column for each function, a row for each
    size and generator.
    """
    lines = [_line(["size, generator", "seeds", "proven", *WHOLE.values()]), _line(["---"] * (3 + len(WHOLE)))]
    for (size, _, character), these in by_kind(rows):
        times = [_pair([1000 * row[key] for row in these], "{:.1f}") for key in WHOLE]
        lines.append(
            _line([f"{size}, {character}", str(len(these)), str(sum(row["optimal"] for row in these)), *times])
        )
    return "\n".join(lines) + "\n"


def large_table(rows: list[Row]) -> str:
    """Returns the table of large problems: the gap in points and as a share of the room, with a row for each size and
    generator.
    """
    measures = ("gap, points", "share of the room", "first answer, s", "MB")
    head = ["size, generator", "seeds", "limit, s", "proven", *measures]
    lines = [_line(head), _line(["---"] * len(head))]
    for (size, _, character), these in by_kind(rows):
        name, proven = f"{size}, {character}", str(sum(row["optimal"] for row in these))
        points = _pair([row["gap_points"] for row in these], "{:,.0f}")
        share = _pair([row["left_%"] for row in these], "{:.2f} %")
        first = _pair([row["first_s"] for row in these], "{:.2f}")
        memory = _pair([row["peak_mb"] for row in these], "{:.0f}")
        cells = [name, str(len(these)), f"{these[0]['limit_s']:g}", proven]
        lines.append(_line([*cells, points, share, first, memory]))
    return "\n".join(lines) + "\n"


def shown(rows: list[Row]) -> str:
    """Returns each figure as text: its median in these rows and, if there are several rows, its largest value."""
    names = [name for name, value in rows[0].items() if isinstance(value, int | float) and name != "seed"]
    return ", ".join(f"{name} {_pair([row[name] for row in rows], '{:.4g}')}" for name in names)


def by_kind(rows: list[Row]) -> list[tuple[tuple[str, float, str], list[Row]]]:
    """Returns the rows in groups of equal size, limit and generator."""

    def kind(row: Row) -> tuple[str, float, str]:
        return row["size"], row.get("limit_s", 0.0), row["character"]

    return [(key, list(these)) for key, these in groupby(sorted(rows, key=kind), kind)]


def _pair(values: list[float], form: str) -> str:
    middle = form.format(median(values))
    return middle if len(values) == 1 else f"{middle} ({form.format(max(values))})"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _commit() -> str:
    command = ["/usr/bin/env", "git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=GUIDE, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
