"""The interpretation of the sheets of a file, as the sender confirms or corrects it (`answers.py`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from placement.exchange.cell_vocabulary import nearest_column, plain
from placement.exchange.grid import Grid, Raw, is_filled, letters
from placement.exchange.mapping import LEFT_OUT
from placement.exchange.sheets import Column, Sheet
from placement.exchange.values import as_text


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the file, with the service's column; `None` if it is left out.

    - `sure`: false if the text is only similar to a known heading.
    - `code`: the code that a *yes* in the column means.
    - `is_day`: true for a day in a table of rooms and days.
    - `gives`: further values of each row that has a value in this column.
    - `part`: the position of the number to read in a cell such as `2/1`.
    """

    number: int
    text: str
    column: Column | None
    sure: bool = True
    code: Enum | None = None
    left_out: bool = False
    is_day: bool = False
    gives: Mapping[str, object] = field(default_factory=dict)
    part: int | None = None


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column of a file. `cell`: the cell of the heading. `example`: the first value. `means`: the service's column;
    empty if the column is not imported. `near`: the column that an unknown heading may mean.
    """

    cell: str
    heading: str
    example: str
    means: str = ""
    near: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class CellShape:
    """A cell of a list. `text`: the text in the file; empty for a text that names a person. `state`: as in
    `overview.Cell`. `reading`: the meaning in words, if it differs from the text. `question`: the name of the question
    about the cell.
    """

    column: str
    text: str
    state: str
    reading: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class LineShape:
    row: int
    cells: Sequence[CellShape]


@dataclass(frozen=True, slots=True)
class TotalShape:
    """A total of beds in the file, and the number of beds that were counted."""

    row: int
    found: int
    counted: int


@dataclass(frozen=True, slots=True)
class SheetShape:
    """The interpretation of a sheet, which the sender can confirm or correct.

    `sheet`: the service's sheet; empty if it is unknown. `asks`: true if a question is open. `lines`, `totals`: the
    rows and totals of a list in the sender's own form.
    """

    name: str
    sheet: str
    columns: Sequence[ColumnShape]
    asks: bool
    lines: Sequence[LineShape] = ()
    totals: Sequence[TotalShape] = ()


def texts_in(row: Sequence[Raw]) -> int:
    """Returns the number of different texts in a row. A header row usually has many."""
    return len({plain(cell) for cell in row if isinstance(cell, str)} - {""})


def shape_of(
    grid: Grid, sheet: Sheet, row: int, headings: Sequence[Heading], *, columns: Mapping[str, str]
) -> SheetShape:
    """Returns the interpretation of a sheet. `row`: the row (from 0) of the headings. `columns`: as in its mapping."""
    shown = []
    for one in headings:
        if not one.text:
            continue
        below = (cells[one.number - 1] for cells in grid.rows[row + 1 :] if one.number <= len(cells))
        example = as_text(next(filter(is_filled, below), None))[:40]
        asks = one.column is None and columns.get(plain(one.text)) != LEFT_OUT
        near = nearest_column(sheet, one.text) if asks else None
        cell = f"{letters(one.number)}{row + 1}"
        name = one.column.name if one.column else ""
        shown.append(ColumnShape(cell, one.text, example, name, near.name if near else "", asks))
    there = {one.means for one in shown}
    lacks = any(one.name not in there for one in sheet.columns if one.required or one.of_first_row)
    return SheetShape(grid.name, sheet.name, shown, asks=lacks or any(one.asks for one in shown))
