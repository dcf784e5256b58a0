"""The reader of XLSX files: values only. Formulas and macros never run; a formula's value is its stored result."""

import io
import warnings
from contextlib import ExitStack
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from placement.exchange.grid import Finding, Grid, Raw, letters, unreadable
from placement.exchange.xlsx_survey import DAMAGED, Survey, require_plain, require_small, sheet_parts, survey

ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of a file of Excel before 2007, and of every encrypted workbook."""

_NOT_UNDERSTOOD = (*DAMAGED, AttributeError, IndexError, InvalidFileException, OSError, SyntaxError, TypeError)
"""Errors of openpyxl for damaged files; the library itself checks little."""


def refuse_compound(content: bytes) -> None:
    """Raises `Invalid` for a file that is encrypted, or of an older Excel."""
    if content.startswith(COMPOUND):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise unreadable("import_file_encrypted" if encrypted else "import_file_is_xls")


def read_xlsx(content: bytes) -> list[Grid]:
    """Returns the sheets that are not empty. Raises `Invalid` if the file as a whole cannot be read."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            require_small(archive)
            require_plain(archive)
            surveys = {name: survey(archive, part, name) for name, part in sheet_parts(archive).items()}
    except DAMAGED as damaged:
        raise unreadable("import_file_damaged") from damaged
    return _grids(content, surveys)


def _grids(content: bytes, surveys: dict[str, Survey]) -> list[Grid]:
    try:
        with warnings.catch_warnings(), ExitStack() as closing:
            warnings.simplefilter("ignore")  # about extensions of other programs, which are not read
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            closing.callback(book.close)
            cells = {name: _cells(book[name], found) for name, found in surveys.items() if found.last_row}
            since_1904 = book.epoch == CALENDAR_MAC_1904
    except _NOT_UNDERSTOOD as damaged:
        raise unreadable("import_file_damaged") from damaged
    return [_grid(name, rows, surveys[name], since_1904=since_1904) for name, rows in cells.items()]


def _cells(sheet: ReadOnlyWorksheet, found: Survey) -> list[list[Raw]]:
    """Returns the rows up to the last value; the size stated in the file is ignored."""
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=found.last_row, max_col=found.last_column, values_only=True)
    return [list(row) for row in rows]


def _grid(name: str, rows: list[list[Raw]], found: Survey, *, since_1904: bool) -> Grid:
    findings = [
        Finding("import_formula_without_value", name, row, letters(column))
        for row, column in found.formulas_without_value
    ]
    for number, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            if isinstance(cell, str) and cell in ERROR_CODES:
                findings.append(Finding("import_formula_failed", name, number, letters(column), {"found": cell}))
                cells[column - 1] = None
    return Grid(name, rows, found.merged, since_1904, found.hidden, findings)
