"""The reader of ODS files. The library `python-calamine` reads the values. This module reads the marks from the XML
parts. Formulas and macros are never run.
"""

import io
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import iterparse

from placement.exchange.grid import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, Grid, Span, unreadable
from placement.exchange.ods_write import MIMETYPE, name_of
from placement.exchange.xlsx import grids_of
from placement.exchange.xlsx_survey import DAMAGED, Survey, require_small

_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_MACROS = ("Basic/", "Scripts/")
_TABLE, _ROW, _STYLE = name_of("table:table"), name_of("table:table-row"), name_of("style:style")
_CELLS = {name_of("table:table-cell"), name_of("table:covered-table-cell")}
_KIND, _FORMULA, _PARAGRAPH = name_of("office:value-type"), name_of("table:formula"), name_of("text:p")
_COLUMN, _VISIBILITY = name_of("table:table-column"), name_of("table:visibility")
_CELL_STYLE, _TEXT_STYLE = name_of("table:default-cell-style-name"), name_of("text:style-name")
_LINE_THROUGH, _BACKGROUND = name_of("style:text-line-through-style"), name_of("fo:background-color")
_NOTE, _WHITE = name_of("office:annotation"), "#ffffff"
_ERROR = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def is_ods(content: bytes) -> bool:
    """Checks whether the file is an ODS file: its first part states this, or it has the parts of such a file."""
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
    except DAMAGED as damaged:
        raise unreadable("import_file_damaged") from damaged
    return grids_of(content, surveys.found)


def _require_plain(archive: ZipFile) -> None:
    """Raises `Invalid` for a file with macros or a password."""
    names = archive.namelist()
    if any(name.startswith(_MACROS) for name in names):
        raise unreadable("import_file_has_macros")
    if _MANIFEST in names and b"encryption-data" in archive.read(_MANIFEST):
        raise unreadable("import_file_encrypted")


class _Surveys:
    """The contents of the sheets, as found in the XML. Raises `Invalid` at the first value beyond the limits."""

    def __init__(self) -> None:
        self.found: dict[str, Survey] = {}
        self._hidden_styles: set[str] = set()
        self._struck_styles: set[str] = set()
        self._fills: dict[str, str] = {}
        self._row_style = ""
        self._column_styles: list[str] = []
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
        elif element.get(_LINE_THROUGH, "none") != "none":
            self._struck_styles.add(self._style)
        elif element.get(_BACKGROUND, _WHITE) not in {_WHITE, "transparent"}:
            self._fills[self._style] = element.get(_BACKGROUND, "")
        elif element.tag == _TABLE:
            self._sheet, self._row, self._column_styles = element.get(name_of("table:name"), ""), 0, []
            hidden = element.get(name_of("table:style-name")) in self._hidden_styles
            self.found[self._sheet] = Survey(hidden)
            if len(self.found) > MOST_SHEETS:
                raise unreadable("import_too_many_sheets", found=len(self.found), most=MOST_SHEETS)
        elif element.tag == _ROW:
            self._row, self._column = self._row + 1, 0
            self._rows = _number(element, "table:number-rows-repeated")
            self._row_style = element.get(_CELL_STYLE, "")
            if element.get(_VISIBILITY, "visible") != "visible":
                last = min(self._row + self._rows, MOST_ROWS + 1)
                self.found[self._sheet].marks.hidden_rows |= set(range(self._row, last))
        elif element.tag == _COLUMN:
            self._begin_column(element)

    def _begin_column(self, element: Element) -> None:
        columns = min(_number(element, "table:number-columns-repeated"), MOST_COLUMNS)
        first = len(self._column_styles) + 1
        if element.get(_VISIBILITY, "visible") != "visible":
            self.found[self._sheet].marks.hidden_columns |= set(range(first, first + columns))
        if first <= MOST_COLUMNS:
            self._column_styles += [element.get(_CELL_STYLE, "")] * columns

    def _mark(self, element: Element, column: int, texts: list[Element]) -> None:
        """Stores the strike-through, the fill colour and the comment of a cell with a value."""
        marks, place = self.found[self._sheet].marks, (self._row, column)
        of_column = self._column_styles[column - 1] if column <= len(self._column_styles) else ""
        style = element.get(name_of("table:style-name")) or self._row_style or of_column
        parts = {part.get(_TEXT_STYLE) for text in texts for part in text.iter()}
        if self._struck_styles & {style, *parts}:
            marks.struck.add(place)
        if style in self._fills:
            marks.fills[place] = self._fills[style]
        for note in (one for one in element if one.tag == _NOTE):
            paragraphs = (one for one in note if one.tag == _PARAGRAPH)
            marks.notes[place] = " ".join("".join(one.itertext()) for one in paragraphs)

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
        self._mark(element, first, texts)
        down, across = (_number(element, f"table:number-{of}-spanned") for of in ("rows", "columns"))
        if down > 1 or across > 1:
            found.merged.append(Span(self._row, first, self._row + down - 1, first + across - 1))
        if formula is not None and _KIND not in element.attrib and not texts:
            found.formulas_without_value.append((self._row, first))
        elif element.get(_ERROR) == "error":
            found.failed[self._row, first] = "".join(texts[0].itertext())[:40] if texts else "#"


def _number(element: Element, name: str) -> int:
    return max(int(element.get(name_of(name), 1)), 1)
