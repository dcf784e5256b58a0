"""The writer of XLSX. It writes every text as text, even if the text looks like a formula. So no cell is a formula."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from placement.exchange.grid import letters

_UNWRITABLE = re.compile(f"{ILLEGAL_CHARACTERS_RE.pattern}|[\ufffe\uffff]")
"""Characters that XML cannot contain. The library recognises only some of them."""

_NARROWEST, _WIDEST = 12, 40
_LONGEST_TITLE = 31
_LONGEST_CHOICE = 255
"""The largest number of characters in a list of choices that a spreadsheet accepts."""


@dataclass(frozen=True, slots=True)
class WrittenSheet:
    """A sheet to write. `above`: rows with help for readers, above the headings. `faint`: true if the rows are an
    example. `choices`: the allowed values of a cell, by heading.
    """

    title: str
    headings: Sequence[str]
    rows: Iterable[Iterable[object]]
    above: Sequence[Sequence[str]] = ()
    faint: bool = False
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)


def xlsx_of(sheets: Iterable[WrittenSheet]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _write(book.create_sheet(sheet.title[:_LONGEST_TITLE]), sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def writable(text: str) -> str:
    """Returns a text without characters that XML cannot hold."""
    return _UNWRITABLE.sub("", text)


def _write(page: Worksheet, sheet: WrittenSheet) -> None:
    for number, row in enumerate(sheet.above, start=1):
        for cell in _put(page, number, row):
            cell.alignment = Alignment(wrap_text=len(row) > 1, vertical="top")
            cell.font = Font(italic=True)
    first = len(sheet.above) + 1
    for cell in _put(page, first, sheet.headings):
        cell.font = Font(bold=True)
    for number, values in enumerate(sheet.rows, start=first + 1):
        for cell in _put(page, number, values):
            cell.font = Font(italic=sheet.faint, color="808080" if sheet.faint else None)
    for number, heading in enumerate(sheet.headings, start=1):
        page.column_dimensions[letters(number)].width = min(max(len(heading) + 4, _NARROWEST), _WIDEST)
        _offer(page, number, first + 1, sheet.choices.get(heading, ()))
    page.freeze_panes = f"A{first + 1}"


def _put(page: Worksheet, row: int, values: Iterable[object]) -> list[Cell]:
    cells = []
    for column, value in enumerate(values, start=1):
        cell: Cell = page.cell(row, column)
        if isinstance(value, str):
            cell.value = writable(value)
            cell.data_type, cell.quotePrefix = "s", True
        elif value is not None:
            cell.value = value
            cell.number_format = "yyyy-mm-dd" if isinstance(value, date) else "General"
        cells.append(cell)
    return cells


def _offer(page: Worksheet, column: int, first_row: int, choices: Sequence[str]) -> None:
    listed = ",".join(choices)
    if choices and len(listed) <= _LONGEST_CHOICE and not any("," in choice or '"' in choice for choice in choices):
        offered = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
        offered.add(f"{letters(column)}{first_row}:{letters(column)}{first_row + 1000}")
        page.add_data_validation(offered)
