"""The writer of ODS, an open format. Every text is stored as text, so no cell is a formula."""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from placement.exchange.xlsx_write import WrittenSheet, writable

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = {
    "office": f"{_OASIS}:office:1.0",
    "table": f"{_OASIS}:table:1.0",
    "text": f"{_OASIS}:text:1.0",
    "style": f"{_OASIS}:style:1.0",
    "number": f"{_OASIS}:datastyle:1.0",
    "fo": f"{_OASIS}:xsl-fo-compatible:1.0",
    "manifest": f"{_OASIS}:manifest:1.0",
}
_VERSION = "1.3"
_WHITE = re.compile(r"\t| {2,}|^ | $")
"""White space that a reader of ODF would reduce to a single space or drop."""
_HEAD, _FAINT, _DAY = "head", "faint", "day"

for _prefix, _uri in _SPACES.items():
    register_namespace(_prefix, _uri)


def name_of(prefixed: str) -> str:
    """Returns the name of an element or an attribute of ODF in the form that the XML library uses."""
    prefix, _, name = prefixed.partition(":")
    return f"{{{_SPACES[prefix]}}}{name}"


def ods_of(sheets: Iterable[WrittenSheet]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", MIMETYPE, ZIP_STORED)  # the format requires this part first and uncompressed
        archive.writestr("content.xml", _written(_content(sheets)))
        archive.writestr("META-INF/manifest.xml", _written(_manifest()))
    return out.getvalue()


def _content(sheets: Iterable[WrittenSheet]) -> Element:
    root = Element(name_of("office:document-content"), {name_of("office:version"): _VERSION})
    _styles(_part(root, "office:automatic-styles"))
    book = _part(_part(root, "office:body"), "office:spreadsheet")
    for sheet in sheets:
        page = _part(book, "table:table", **{"table:name": writable(sheet.title)})
        _part(page, "table:table-column", **{"table:number-columns-repeated": str(max(len(sheet.headings), 1))})
        for above in sheet.above:
            _row(page, above, _FAINT)
        _row(page, sheet.headings, _HEAD)
        for row in sheet.rows:
            _row(page, row, _FAINT if sheet.faint else "")
    return root


def _row(page: Element, values: Iterable[object], style: str) -> None:
    row = _part(page, "table:table-row")
    for value in values:
        _cell(row, value, style)


def _cell(row: Element, value: object, style: str) -> None:
    match value:
        case None:
            kind = {}
        case bool():
            kind = {"office:value-type": "boolean", "office:boolean-value": str(value).lower()}
        case int() | float():
            kind = {"office:value-type": "float", "office:value": str(value)}
        case date():
            style = style or _DAY
            kind = {"office:value-type": "date", "office:date-value": value.isoformat()}
        case _:
            kind = {"office:value-type": "string"}
    cell = _part(row, "table:table-cell", **kind, **({"table:style-name": style} if style else {}))
    if value is not None:
        shown = value.isoformat() if isinstance(value, date | datetime) else str(value)
        for line in writable(shown).split("\n"):
            _put(_part(cell, "text:p"), line)


def _put(paragraph: Element, line: str) -> None:
    """Adds a line to a paragraph. Replaces white space by XML elements if a reader would otherwise drop it."""
    last: Element | None = None
    for text, white in _pieces(line):
        if last is None:
            paragraph.text = text
        else:
            last.tail = text
        if white == "\t":
            last = _part(paragraph, "text:tab")
        elif white:
            last = _part(paragraph, "text:s", **{"text:c": str(len(white))})


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    begins = 0
    for found in _WHITE.finditer(line):
        yield line[begins : found.start()], found[0]
        begins = found.end()
    yield line[begins:], ""


def _styles(styles: Element) -> None:
    of_day = _part(styles, "number:date-style", **{"style:name": "iso"})
    for part, text in (("year", "-"), ("month", "-"), ("day", "")):
        _part(of_day, f"number:{part}", **{"number:style": "long"})
        if text:
            _part(of_day, "number:text").text = text
    for name, look in ((_HEAD, {"fo:font-weight": "bold"}), (_FAINT, {"fo:font-style": "italic"}), (_DAY, {})):
        data = {"style:data-style-name": "iso"} if name == _DAY else {}
        style = _part(styles, "style:style", **{"style:name": name, "style:family": "table-cell", **data})
        _part(style, "style:text-properties", **look)


def _manifest() -> Element:
    root = Element(name_of("manifest:manifest"), {name_of("manifest:version"): _VERSION})
    for path, kind in (("/", MIMETYPE), ("content.xml", "text/xml")):
        _part(root, "manifest:file-entry", **{"manifest:full-path": path, "manifest:media-type": kind})
    return root


def _part(whole: Element, name: str, **attributes: str) -> Element:
    return SubElement(whole, name_of(name), {name_of(one): value for one, value in attributes.items()})


def _written(root: Element) -> bytes:
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
