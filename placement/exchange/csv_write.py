"""CSV, written (RFC 4180), safe for a spreadsheet that would run formulas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date

_BEGINS = r"((?:^|[;\r\n]) *)"
"""The beginning of a cell: also after a semicolon, because a Dutch spreadsheet ends a cell there, quoted or not."""
_RUNS = r"""(?=[ "']*[=+\-@\t\r])"""
"""The text before a formula of a spreadsheet: quotes are removed there, and a `'` is escaped as well.
So each text can be restored.
"""
_TO_ESCAPE, _ESCAPED = re.compile(_BEGINS + _RUNS), re.compile(f"{_BEGINS}'{_RUNS}")


def csv_of_rows(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def safe(cell: object) -> str:
    """Returns the text of a cell, with a `'` before text that a spreadsheet takes for a formula. Numbers stay."""
    text = "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)
    return text if isinstance(cell, int | float) else _TO_ESCAPE.sub(r"\1'", text)


def as_it_was(written: str) -> str:
    """Returns the original of a text that was made safe."""
    return _ESCAPED.sub(r"\1", written)
