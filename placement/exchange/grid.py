"""Tables of a file, after reading: cells that are not interpreted yet, and findings about errors and doubts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from placement.core.errors import Invalid

Raw = str | int | float | bool | date | datetime | time | timedelta | None
"""The value of a cell; `None`: an empty cell."""

LONGEST_FILE = 20_000_000
"""Bytes of an uploaded file."""
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 20_000, 200, 50
"""Limits of a file. The country has some hundreds of shelters; a larger sheet is not a register."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A possible reading. `value`: of the answer. `code`: its text (`reading`), with `facts`. `gives`: the values by
    column; `None`: the row is left out.
    """

    value: str
    code: str
    gives: Mapping[str, object] | None = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """An error at one place of a file, or only a note (`blocks=False`). Its words are in the catalogue (`error`),
    filled with `facts`. `row` counts from 1, `column` is the letter that a spreadsheet shows.

    A finding with `choices` is a question: `about` names it, `guess` is the proposed answer, and `places` are all cells
    that its answer is for. `word`: the plain text whose meaning is asked.
    """

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    blocks: bool = True
    choices: Sequence[Choice] = ()
    guess: str = ""
    about: str = ""
    places: list[tuple[int, str]] = field(default_factory=list)
    word: str | None = None

    @property
    def question(self) -> str:
        """Returns the name of the question. The answer to the question begins with this name. Empty if the finding is
        no question.
        """
        between = "" if self.about.startswith("!") else "?"
        return f"{self.sheet}{between}{self.about}" if self.choices else ""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of merged cells. Rows and columns count from 1; the last row and column are included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(slots=True)
class Marks:
    """Marks of cells besides their values. Rows and columns count from 1; a place is row and column.

    `struck`: cells with text that is struck through. `notes`: comments by place. `fills`: background colours by place.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    struck: set[tuple[int, int]] = field(default_factory=set)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    fills: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(slots=True)
class Grid:
    """A sheet of a file. `rows`: from the first row, with cells from column A. `since_1904`: numbers for days count
    from 1904. `hidden`: the file's program does not show the sheet.
    """

    name: str
    rows: Sequence[Sequence[Raw]]
    merged: Sequence[Span] = ()
    since_1904: bool = False
    hidden: bool = False
    findings: list[Finding] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)

    def is_empty(self) -> bool:
        return not any(is_filled(cell) for row in self.rows for cell in row)


def is_filled(cell: Raw) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def letters(column: int) -> str:
    """Returns the letters of a column, as a spreadsheet shows them: 1 is A, 27 is AA."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def number_of(written: str) -> int:
    number = 0
    for letter in written:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def unreadable(code: str, **facts: object) -> Invalid:
    """Returns an error about the whole file."""
    return Invalid.at("file", code, **facts)
