"""CSV, written (RFC 4180), safe for a spreadsheet that would run formulas."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

_RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell may not begin with: a spreadsheet would take it for a formula."""


def csv_of_rows(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def safe(cell: object) -> str:
    """The text of a cell; before one that would run, a `'`, which the reader takes away again. A number never runs."""
    text = "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)
    runs = text.startswith(_RUNS) and not isinstance(cell, int | float)
    return f"'{text}" if runs else text
