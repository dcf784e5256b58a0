"""The reader of ODS files: values only, by `python-calamine`. Formulas and macros are never evaluated.
The rest is read from the parts of the file: hidden sheets, merged cells, and formulas without a stored value.
"""

import io
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import iterparse
from python_calamine import CalamineError, CalamineWorkbook

from placement.exchange.grid import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, Finding, Grid, Span, letters, unreadable
from placement.exchange.ods_write import MIMETYPE, name_of
from placement.exchange.xlsx_survey import DAMAGED, Survey, require_small

_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_MACROS = ("Basic/", "Scripts/")
_TABLE, _ROW, _STYLE = name_of("table:table"), name_of("table:table-row"), name_of("style:style")
_CELLS = {name_of("table:table-cell"), name_of("table:covered-table-cell")}
_KIND, _FORMULA, _PARAGRAPH = name_of("office:value-type"), name_of("table:formula"), name_of("text:p")
_ERROR = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def is_ods(content: bytes) -> bool:
    """Checks whether the file names itself an ODS file, in its first part, or has the parts of such a file."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            said = archive.read("mimetype")[:200] if "mimetype" in names else b""
    except DAMAGED:
        return False
    return said.startswith(MIMETYPE.encode()) or (_CONTENT in names and _MANIFEST in names)


def read_ods(content: bytes) -> list[Grid]:
    """Returns the sheets of the file, without empty sheets. Raises `Invalid` if the whole file cannot be read."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            require_small(archive)
            _require_plain(archive)
            with archive.open(_CONTENT) as stream:
                surveys = _Surveys()
                for event, element in iterparse(stream, events=("start", "end")):
                    surveys.take(event, element)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [_grid(book, name, found) for name, found in surveys.found.items() if found.last_row]
    except (*DAMAGED, CalamineError) as damaged:
        raise unreadable("import_file_damaged") from damaged


def _require_plain(archive: ZipFile) -> None:
    """Raises `Invalid` for a file with macros or a password."""
    names = archive.namelist()
    if any(name.startswith(_MACROS) for name in names):
        raise unreadable("import_file_has_macros")
    if _MANIFEST in names and b"encryption-data" in archive.read(_MANIFEST):
        raise unreadable("import_file_encrypted")


def _grid(book: CalamineWorkbook, name: str, found: "_OdsSurvey") -> Grid:
    sheet = book.get_sheet_by_name(name)
    rows = sheet.to_python(skip_empty_area=False, nrows=found.last_row)
    cells = [[None if cell == "" else cell for cell in row[: found.last_column]] for row in rows]
    findings = [
        Finding("import_formula_without_value", name, row, letters(column))
        for row, column in found.formulas_without_value
    ]
    for (row, column), said in found.failed.items():
        findings.append(Finding("import_formula_failed", name, row, letters(column), {"found": said}))
        cells[row - 1][column - 1] = None
    return Grid(name, cells, found.merged, hidden=found.hidden, findings=findings)


@dataclass(slots=True)
class _OdsSurvey(Survey):
    """A survey of a sheet. `failed`: the error that a formula gave, by row and column."""

    failed: dict[tuple[int, int], str] = field(default_factory=dict)


class _Surveys:
    """Surveys the sheets, part by part. Raises `Invalid` at the first value beyond the limits."""

    def __init__(self) -> None:
        self.found: dict[str, _OdsSurvey] = {}
        self._hidden_styles: set[str] = set()
        self._style = self._sheet = ""
        self._row = self._rows = self._column = 0

    def take(self, event: str, element: Element) -> None:
        if event == "start":
            self._begin(element)
        elif element.tag in _CELLS:
            self._cell(element)
        elif element.tag == _ROW:
            self._row += self._rows - 1
            element.clear()

    def _begin(self, element: Element) -> None:
        if element.tag == _STYLE:
            self._style = element.get(name_of("style:name"), "")
        elif element.get(name_of("table:display")) == "false" and element.tag == name_of("style:table-properties"):
            self._hidden_styles.add(self._style)
        elif element.tag == _TABLE:
            self._sheet, self._row = element.get(name_of("table:name"), ""), 0
            hidden = element.get(name_of("table:style-name")) in self._hidden_styles
            self.found[self._sheet] = _OdsSurvey(hidden)
            if len(self.found) > MOST_SHEETS:
                raise unreadable("import_too_many_sheets", found=len(self.found), most=MOST_SHEETS)
        elif element.tag == _ROW:
            self._row, self._column = self._row + 1, 0
            self._rows = _number(element, "table:number-rows-repeated")

    def _cell(self, element: Element) -> None:
        found, columns = self.found[self._sheet], _number(element, "table:number-columns-repeated")
        first = self._column + 1
        self._column += columns
        texts = [one for one in element if one.tag == _PARAGRAPH]
        formula = element.get(_FORMULA)
        if _KIND not in element.attrib and not texts and formula is None:
            return
        last_row = self._row + self._rows - 1
        if last_row > MOST_ROWS:
            raise unreadable("import_too_many_rows", sheet=self._sheet, most=MOST_ROWS)
        if self._column > MOST_COLUMNS:
            raise unreadable("import_too_many_columns", sheet=self._sheet, most=MOST_COLUMNS)
        found.last_row, found.last_column = max(found.last_row, last_row), max(found.last_column, self._column)
        down, across = (_number(element, f"table:number-{of}-spanned") for of in ("rows", "columns"))
        if down > 1 or across > 1:
            found.merged.append(Span(self._row, first, self._row + down - 1, first + across - 1))
        if formula is not None and _KIND not in element.attrib and not texts:
            found.formulas_without_value.append((self._row, first))
        elif element.get(_ERROR) == "error":
            found.failed[self._row, first] = "".join(texts[0].itertext())[:40] if texts else "#"


def _number(element: Element, name: str) -> int:
    return max(int(element.get(name_of(name), 1)), 1)
