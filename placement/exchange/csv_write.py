"""The writer of CSV (RFC 4180). It writes cells so that a spreadsheet does not run them as formulas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date

_BEGINS = r"((?:^|[;\r\n]) *)"
"""The beginning of a cell. A Dutch spreadsheet also begins a new cell after a semicolon, even in quotes."""
_RUNS = r"""(?=[ "']*[=+\-@\t\r])"""
"""A text that a spreadsheet treats as the beginning of a formula, also after quotes. A text that begins with `'` gets
another `'`, so that every text can be restored.
"""
_TO_ESCAPE, _ESCAPED = re.compile(_BEGINS + _RUNS), re.compile(f"{_BEGINS}'{_RUNS}")


def csv_of_rows(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def safe(cell: object) -> str:
    """Returns the text of a cell. Text that a spreadsheet would run as a formula gets a `'` before it."""
    text = "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)
    return text if isinstance(cell, int | float) else _TO_ESCAPE.sub(r"\1'", text)


def as_it_was(written: str) -> str:
    """Returns the original text, without the added `'`."""
    return _ESCAPED.sub(r"\1", written)
