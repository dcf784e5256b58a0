"""CSV, written (RFC 4180), safe for a spreadsheet that would run formulas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date

_BEGINS = r"((?:^|[;\r\n]) *)"
"""Where a cell begins: behind a semicolon too, since a spreadsheet in Dutch ends a cell there, quoted or not."""
_RUNS = r"""(?=[ "']*[=+\-@\t\r])"""
"""Before what a spreadsheet takes for a formula: quotes that stand there are taken away, and a `'` is escaped as well,
so that each text comes back as it was.
"""
_TO_ESCAPE, _ESCAPED = re.compile(_BEGINS + _RUNS), re.compile(f"{_BEGINS}'{_RUNS}")


def csv_of_rows(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def safe(cell: object) -> str:
    """The text of a cell; before what would run, a `'`. A number never runs."""
    text = "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)
    return text if isinstance(cell, int | float) else _TO_ESCAPE.sub(r"\1'", text)


def as_it_was(written: str) -> str:
    """The text that was made safe."""
    return _ESCAPED.sub(r"\1", written)
