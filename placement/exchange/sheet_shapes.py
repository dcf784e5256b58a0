"""The sheets of a file as they were understood: what their sender can confirm or correct (`answers.py`)."""

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
    """A column of the file, with the service's column; `None` if it is left out. `sure`: its text is known, not only
    similar. `code`: the code that a yes in the column gives. `is_day`: a day of a table of rooms by days. `gives`:
    values of each row with a value here. `part`: which part of a cell such as `2/1` is read.
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
    """A column of a file. `cell`: that of its heading; `example`: its first value. `means`: the service's column, by
    name; empty if it is not read. `near`: the column that an unknown heading may mean.
    """

    cell: str
    heading: str
    example: str
    means: str = ""
    near: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class CellShape:
    """A cell of a list. `text`: in the file; empty for what stands for a person. `state`: as of `overview.Cell`.
    `reading`: what it is read as, if that differs from the text. `question`: the name of the question about it.
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
    """A total of beds in the file, beside the beds as counted."""

    row: int
    found: int
    counted: int


@dataclass(frozen=True, slots=True)
class SheetShape:
    """A sheet of a file as it was understood: what its sender can confirm or correct.

    `sheet`: that of the service; empty if it is unknown. `asks`: something is unknown or missing. `lines`, `totals`: of
    a list in its own form.
    """

    name: str
    sheet: str
    columns: Sequence[ColumnShape]
    asks: bool
    lines: Sequence[LineShape] = ()
    totals: Sequence[TotalShape] = ()


def texts_in(row: Sequence[Raw]) -> int:
    """Returns how many different texts a row has, as headings are."""
    return len({plain(cell) for cell in row if isinstance(cell, str)} - {""})


def shape_of(
    grid: Grid, sheet: Sheet, row: int, headings: Sequence[Heading], *, columns: Mapping[str, str]
) -> SheetShape:
    """Returns the shape of a sheet whose headings are in this row (from 0). `columns`: of its mapping."""
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
