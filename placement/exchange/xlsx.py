"""The reader of workbooks. The library `python-calamine` reads the values. Formulas and macros never run. The value of
a formula is the result that the file contains.
"""

import io
from collections.abc import Mapping
from zipfile import ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from placement.exchange.grid import Finding, Grid, Raw, letters, require_few_cells, unreadable
from placement.exchange.xlsx_marks import Styles
from placement.exchange.xlsx_survey import DAMAGED, Survey, require_plain, require_small, sheet_parts, survey

ZIP = b"PK\x03\x04"


def read_xlsx(content: bytes) -> list[Grid]:
    """Returns the sheets that are not empty. Raises `Invalid` if the file as a whole cannot be read."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            require_small(archive)
            require_plain(archive)
            styles = Styles(archive)
            surveys = {name: survey(archive, part, name, styles) for name, part in sheet_parts(archive).items()}
            since_1904 = b'date1904="1"' in archive.read("xl/workbook.xml")
    except DAMAGED as damaged:
        raise unreadable("import_file_damaged") from damaged
    return grids_of(content, surveys, since_1904=since_1904)


def grids_of(content: bytes, surveys: Mapping[str, Survey], *, since_1904: bool = False) -> list[Grid]:
    """Returns the sheets that are not empty. `surveys`: the result of `survey` for each sheet, by name. Raises
    `Invalid` if the file is damaged or has too many cells.
    """
    require_few_cells(sum(found.last_row * found.last_column for found in surveys.values()))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [_grid(book, name, found, since_1904=since_1904) for name, found in surveys.items() if found.last_row]
    except (CalamineError, ValueError) as damaged:
        raise unreadable("import_file_damaged") from damaged


def _grid(book: CalamineWorkbook, name: str, found: Survey, *, since_1904: bool) -> Grid:
    sheet = book.get_sheet_by_name(name)
    rows: list[list[Raw]] = [
        [None if cell == "" else cell for cell in row[: found.last_column]]
        for row in sheet.to_python(skip_empty_area=False, nrows=found.last_row)
    ]
    findings = [
        Finding("import_formula_without_value", name, row, letters(column))
        for row, column in found.formulas_without_value
    ]
    for (row, column), said in found.failed.items():
        findings.append(Finding("import_formula_failed", name, row, letters(column), {"found": said}))
        rows[row - 1][column - 1] = None
    for (row, column), decimals in found.marks.decimals.items():
        cell = rows[row - 1][column - 1]
        if isinstance(cell, float) and not cell.is_integer():
            rows[row - 1][column - 1] = f"{cell:.{decimals}f}"
    return Grid(name, rows, found.merged, since_1904, found.hidden, findings, found.marks)
