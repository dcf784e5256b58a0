"""Tables of a file with cells that are not interpreted yet, and findings about errors and doubts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from placement.core.errors import Invalid

Raw = str | int | float | bool | date | datetime | time | timedelta | None
"""The value of a cell; `None`: an empty cell."""

LONGEST_FILE = 20_000_000
"""The largest number of bytes of an uploaded file."""
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 20_000, 200, 50
"""Limits of a file. The country has some hundreds of shelters, so a larger sheet is not a register of shelters."""
MOST_CELLS = 500_000
"""The largest number of cells in all sheets, with empty cells, because a small file can declare a huge sheet."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A possible meaning of a cell.

    - `value`: the answer that chooses this meaning.
    - `code`: the id of the text in the catalogue (`reading`). `facts`: the values in the text.
    - `gives`: the values by column; `None` if this answer leaves the row out.
    """

    value: str
    code: str
    gives: Mapping[str, object] | None = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """An error, a question or a note about a position in a file.

    - `code`: the id of the text in the catalogue (`error`). `facts`: the values in the text.
    - `row`: the number of the row, from 1. `column`: the letter that a spreadsheet shows.
    - `blocks`: false for a note, which does not prevent the import.

    A finding with `choices` is a question:

    - `about`: the name of the question.
    - `guess`: the proposed answer.
    - `places`: all cells to which the answer applies.
    - `word`: a hash of the text whose meaning is asked.
    - `typed`: true if the sender can also type another answer.
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
    typed: bool = False
    asked_as: str = ""
    """The name of the same question about an earlier sheet; empty without such a question. The answer to that question
    also answers this question.
    """

    @property
    def question(self) -> str:
        """The name of the question, with which the text of an answer begins. Empty if the finding is not a question."""
        if self.asked_as:
            return self.asked_as
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
    """Marks of cells, other than their values. A position is a row and a column, both counted from 1.

    `struck`: positions of text that is struck through. `notes`: comments by position. `fills`: background colours by
    position. `decimals`: the number of decimals with which a number is shown, such as 2 for room 1.10.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    struck: set[tuple[int, int]] = field(default_factory=set)
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    fills: dict[tuple[int, int], str] = field(default_factory=dict)
    decimals: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(slots=True)
class Grid:
    """A sheet of a file. `rows`: all rows from the first, with their cells from column A. `since_1904`: true if numbers
    for days count from 1904. `hidden`: true if a spreadsheet program does not show the sheet. `from_file`: the position
    in the file of each cell that was moved. `codes`: the codes that the file explains (`legends.py`).
    """

    name: str
    rows: Sequence[Sequence[Raw]]
    merged: Sequence[Span] = ()
    since_1904: bool = False
    hidden: bool = False
    findings: list[Finding] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)
    from_file: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    codes: Mapping[tuple[str, str], str] = field(default_factory=dict)

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


def require_few_cells(cells: int) -> None:
    """Raises `Invalid` if all sheets of a file together have more than `MOST_CELLS` cells."""
    if cells > MOST_CELLS:
        raise unreadable("import_too_many_cells", most=MOST_CELLS)


def unreadable(code: str, **facts: object) -> Invalid:
    """Returns the error of a file that is unreadable as a whole."""
    return Invalid.at("file", code, **facts)
