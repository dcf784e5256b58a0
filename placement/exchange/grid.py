"""A file of tables as it was read: cells without a meaning yet, and what was found to be wrong or doubtful in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from placement.core.errors import Invalid

Raw = str | int | float | bool | date | datetime | time | timedelta | None
"""The value of a cell; None: an empty one."""

LONGEST_FILE = 20_000_000
"""Bytes of an uploaded file."""
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 20_000, 200, 20
"""Of one file. The country has some hundreds of shelters; a sheet above that is not a register."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at one place of a file, or only to be known (`blocks=False`): its words are in the catalogue
    (`error`), filled with `facts`. `row` counts from 1, `column` is the letter that a spreadsheet shows.
    """

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """Cells that are merged into one; rows and columns count from 1, inclusive."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(slots=True)
class Grid:
    """One sheet. `rows` from the first row of the sheet, each with the cells from column A; `since_1904`: the calendar
    of its days as numbers; `hidden`: the program of the file does not show it.
    """

    name: str
    rows: Sequence[Sequence[Raw]]
    merged: Sequence[Span] = ()
    since_1904: bool = False
    hidden: bool = False
    findings: list[Finding] = field(default_factory=list)

    def is_empty(self) -> bool:
        return not any(is_filled(cell) for row in self.rows for cell in row)


def is_filled(cell: Raw) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def letters(column: int) -> str:
    """The letters of a column, as a spreadsheet shows them: 1 is A, 27 is AA."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def unreadable(code: str, **facts: object) -> Invalid:
    """The error of a whole file."""
    return Invalid.at("file", code, **facts)
