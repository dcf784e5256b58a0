"""The check of an XLSX file before its values are read. It examines size, macros, formulas and merged cells. It runs
nothing, and never unpacks more data than the limits allow.
"""

import re
import zlib
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, ZipFile

from defusedxml.ElementTree import fromstring, iterparse

from placement.exchange.grid import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, Marks, Span, number_of, unreadable
from placement.exchange.xlsx_marks import Styles, is_on, notes_of

MOST_UNPACKED = 80_000_000
"""The largest total size of the unpacked parts, in bytes."""
MOST_PARTS = 500
HIGHEST_RATIO, RATIO_FROM = 150, 1_000_000
"""The highest ratio of unpacked to packed size, for parts above `RATIO_FROM` bytes. Sheets have a ratio of 5 to 30."""

DAMAGED = (BadZipFile, EOFError, KeyError, NotImplementedError, ParseError, ValueError, zlib.error)
"""The errors of ZIP and XML for damaged files. `NotImplementedError`: an unknown compression or encryption."""

_SHEET = frozenset(
    {
        "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet",
        "{http://purl.oclc.org/ooxml/spreadsheetml/main}sheet",
    }
)
_RELATION = re.compile(r"\{.*relationships\}id")
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_WORKBOOK = "xl/workbook.xml"
_HIDDEN = frozenset({"hidden", "veryHidden"})
"""The states of a sheet that Excel hides."""


@dataclass(slots=True)
class Survey:
    """The result of `survey` for a sheet. Rows and columns count from 1. `last_row`, `last_column`: the last row and
    column with a value. `failed`: the error of a formula, by row and column.
    """

    hidden: bool = False
    last_row: int = 0
    last_column: int = 0
    merged: list[Span] = field(default_factory=list)
    formulas_without_value: list[tuple[int, int]] = field(default_factory=list)
    failed: dict[tuple[int, int], str] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)


def require_small(archive: ZipFile) -> None:
    """Raises `Invalid` if the unpacked file is larger than a register can be. Checks the sizes in the ZIP directory.
    Later reads stop at these sizes.
    """
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise unreadable("import_file_too_large_unpacked", most=MOST_UNPACKED // 1_000_000)
    for part in parts:
        if part.file_size > max(RATIO_FROM, HIGHEST_RATIO * part.compress_size):
            raise unreadable("import_file_too_large_unpacked", most=MOST_UNPACKED // 1_000_000)
        if part.flag_bits & 1:
            raise unreadable("import_file_encrypted")


def require_plain(archive: ZipFile) -> None:
    """Raises `Invalid` for a file with macros, and for a file that is not an XLSX file."""
    names = set(archive.namelist())
    types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
    if any(name.lower().endswith("vbaproject.bin") for name in names) or b"macroEnabled" in types:
        raise unreadable("import_file_has_macros")
    if _WORKBOOK not in names:
        raise unreadable("import_file_is_no_xlsx")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """The path of a sheet within the file, and a flag: true if the sheet is hidden."""

    name: str
    hidden: bool


def sheet_parts(archive: ZipFile) -> dict[str, SheetPart]:
    """Returns the part of each sheet by name, in order, including hidden sheets."""
    related = {
        one.get("Id"): one.get("Target", "")
        for one in fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        if one.get("Type", "").endswith("/worksheet")
    }
    found = {}
    for sheet in fromstring(archive.read(_WORKBOOK)).iter():
        if sheet.tag not in _SHEET:
            continue
        relation = next((value for name, value in sheet.items() if _RELATION.fullmatch(name)), None)
        if relation in related:
            target = related[relation]
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found[sheet.get("name", "")] = SheetPart(part, sheet.get("state") in _HIDDEN)
    if len(found) > MOST_SHEETS:
        raise unreadable("import_too_many_sheets", found=len(found), most=MOST_SHEETS)
    return found


def survey(archive: ZipFile, part: SheetPart, sheet: str, styles: Styles) -> Survey:
    """Reads the XML part of a sheet once, row by row. Raises `Invalid` at the first row or column beyond the limits."""
    found = Survey(part.hidden)
    found.marks.notes = notes_of(archive, part.name)
    row = 0
    column = 0
    with archive.open(part.name) as stream:
        for event, element in iterparse(stream, events=("start", "end")):
            match event, element.tag.rpartition("}")[2]:
                case "start", "row":
                    row, column = int(element.get("r", row + 1)), 0
                    if is_on(element, "hidden"):
                        found.marks.hidden_rows.add(row)
                case "start", "col" if is_on(element, "hidden"):
                    last = min(int(element.get("max", 1)), MOST_COLUMNS)
                    found.marks.hidden_columns |= set(range(int(element.get("min", 1)), last + 1))
                case "end", "c":
                    row, column = _at(element, row, column)
                    if _look_at(element, row, column, found, sheet):
                        styles.mark(found.marks, (row, column), element)
                case "end", "row":
                    element.clear()
                case "end", "mergeCell":
                    found.merged.append(_span(element.get("ref", "")))
    return found


def _at(cell: Element, row: int, column: int) -> tuple[int, int]:
    """Returns the row and column of a cell. A cell without an address follows the previous cell."""
    if not (written := _CELL.fullmatch(cell.get("r", ""))):
        return row, column + 1
    return int(written[2]), number_of(written[1])


def _look_at(cell: Element, row: int, column: int, found: Survey, sheet: str) -> bool:
    """Adds a cell to the survey. Returns true if it has a value."""
    parts = {child.tag.rpartition("}")[2]: child for child in cell}
    value = parts.get("v")
    has_value = (value is not None and bool(value.text)) or "is" in parts
    if "f" in parts and not has_value and cell.get("t") != "str":
        found.formulas_without_value.append((row, column))
        has_value = True
    elif cell.get("t") == "e" and value is not None:
        found.failed[row, column] = str(value.text)
    if not has_value:
        return False
    if row > MOST_ROWS:
        raise unreadable("import_too_many_rows", sheet=sheet, most=MOST_ROWS)
    if column > MOST_COLUMNS:
        raise unreadable("import_too_many_columns", sheet=sheet, most=MOST_COLUMNS)
    found.last_row, found.last_column = max(found.last_row, row), max(found.last_column, column)
    return True


def _span(written: str) -> Span:
    first, _, last = written.partition(":")
    from_, until = _CELL.fullmatch(first), _CELL.fullmatch(last or first)
    if not (from_ and until):
        raise ValueError(written)
    return Span(int(from_[2]), number_of(from_[1]), int(until[2]), number_of(until[1]))
