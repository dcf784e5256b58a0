"""The reader of XLS files, of Excel before 2007. The library `python-calamine` reads values, and `xlrd` reads marks.

Macros never run. A file that is encrypted or has macros is refused.
"""

import struct
from collections.abc import Iterator

import xlrd

from placement.exchange.grid import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, Grid, Marks, Span, unreadable
from placement.exchange.xlsx import grids_of
from placement.exchange.xlsx_survey import Survey

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of a file of Excel before 2007, and of every encrypted workbook."""

_DAMAGED = (
    xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error, AssertionError, AttributeError, IndexError, KeyError,
    MemoryError, OverflowError, TypeError, ValueError,
)  # fmt: skip
"""The errors that `xlrd` raises for damaged files. It checks little, so it can fail with any of them."""
_NO_FILL = 0
_FAILED = xlrd.XL_CELL_ERROR


def read_xls(content: bytes) -> list[Grid]:
    """Returns the sheets that are not empty. Raises `Invalid` if the file as a whole cannot be read."""
    _require_plain(content)
    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=_Silent())
        if book.nsheets > MOST_SHEETS:
            raise unreadable("import_too_many_sheets", found=book.nsheets, most=MOST_SHEETS)
        surveys = {sheet.name: _survey(book, sheet) for sheet in book.sheets()}
    except _DAMAGED as damaged:
        code = "import_file_encrypted" if "encrypted" in str(damaged) else "import_file_damaged"
        raise unreadable(code) from damaged
    return grids_of(content, surveys, since_1904=bool(book.datemode))


class _Silent:
    """A log that writes nothing, because messages of `xlrd` could contain parts of a file."""

    def write(self, text: str) -> None:
        pass


def _require_plain(content: bytes) -> None:
    """Raises `Invalid` for a file with macros or a password."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise unreadable("import_file_encrypted")
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise unreadable("import_file_has_macros")


def _survey(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> Survey:
    found = Survey(hidden=bool(sheet.visibility))
    for row, column, cell in _filled(sheet):
        if row > MOST_ROWS:
            raise unreadable("import_too_many_rows", sheet=sheet.name, most=MOST_ROWS)
        if column > MOST_COLUMNS:
            raise unreadable("import_too_many_columns", sheet=sheet.name, most=MOST_COLUMNS)
        found.last_row, found.last_column = max(found.last_row, row), max(found.last_column, column)
        if cell.ctype == _FAILED:
            found.failed[row, column] = xlrd.error_text_from_code.get(cell.value, "#")
        _mark(book, found.marks, (row, column), book.xf_list[cell.xf_index])
    found.merged = [Span(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
    found.marks.hidden_rows = {row + 1 for row, of in sheet.rowinfo_map.items() if of.hidden}
    found.marks.hidden_columns = {column + 1 for column, of in sheet.colinfo_map.items() if of.hidden}
    found.marks.notes = {(row + 1, column + 1): note.text for (row, column), note in sheet.cell_note_map.items()}
    for row, column in sheet.rich_text_runlist_map:
        fonts = (book.font_list[font] for _, font in sheet.rich_text_runlist_map[row, column])
        if any(font.struck_out for font in fonts):
            found.marks.struck.add((row + 1, column + 1))
    return found


def _filled(sheet: xlrd.sheet.Sheet) -> Iterator[tuple[int, int, xlrd.sheet.Cell]]:
    for row in range(sheet.nrows):
        for column, cell in enumerate(sheet.row(row), start=1):
            if cell.ctype not in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK} and cell.value != "":
                yield row + 1, column, cell


def _mark(book: xlrd.Book, marks: Marks, place: tuple[int, int], style: xlrd.formatting.XF) -> None:
    if book.font_list[style.font_index].struck_out:
        marks.struck.add(place)
    if style.background.fill_pattern != _NO_FILL and book.colour_map.get(style.background.pattern_colour_index):
        colour = book.colour_map[style.background.pattern_colour_index]
        if colour != (255, 255, 255):
            marks.fills[place] = str(colour)
