"""The marks of cells in an XLSX file: struck text, background colours and comments, read from the XML of the file."""

import re
from posixpath import dirname, join, normpath
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml.ElementTree import fromstring

from placement.exchange.grid import Marks, number_of

_STYLES, _TEXTS = "xl/styles.xml", "xl/sharedStrings.xml"
_NO_FILL = frozenset({"none", "gray125"})
_ON = frozenset({"1", "true"})
_TWO_DECIMALS = 2
"""The id of the built-in number format `0.00`."""


class Styles:
    """The styles and shared texts of a workbook that mark cells."""

    def __init__(self, archive: ZipFile) -> None:
        names = archive.namelist()
        root = fromstring(archive.read(_STYLES)) if _STYLES in names else Element("none")
        struck = [_struck_font(font) for font in _children(root, "fonts")]
        fills = [_colour(fill) for fill in _children(root, "fills")]
        formats = [(_index(one, "fontId"), _index(one, "fillId")) for one in _children(root, "cellXfs")]
        own = {_index(one, "numFmtId"): _decimals(one.get("formatCode", "")) for one in _children(root, "numFmts")}
        numbers = [own.get(_index(one, "numFmtId"), 0) for one in _children(root, "cellXfs")]
        twos = [_index(one, "numFmtId") == _TWO_DECIMALS for one in _children(root, "cellXfs")]
        self._decimals = {
            at: 2 if two else of for at, (of, two) in enumerate(zip(numbers, twos, strict=True)) if of or two
        }
        self._struck = {at for at, (font, _) in enumerate(formats) if font < len(struck) and struck[font]}
        self._fills = {at: fills[fill] for at, (_, fill) in enumerate(formats) if fill < len(fills) and fills[fill]}
        texts = fromstring(archive.read(_TEXTS)) if _TEXTS in names else Element("none")
        self._struck_texts = {at for at, text in enumerate(texts) if any(map(_is_strike, text.iter()))}

    def mark(self, marks: Marks, place: tuple[int, int], cell: Element) -> None:
        """Stores in `marks` the fill colour, the decimals and the strike-through of a cell with a value."""
        style = _index(cell, "s")
        if style in self._fills:
            marks.fills[place] = self._fills[style]
        if style in self._decimals:
            marks.decimals[place] = self._decimals[style]
        parts = {_name(child): child for child in cell}
        shared = cell.get("t") == "s" and int(parts["v"].text or -1) in self._struck_texts
        written = "is" in parts and any(map(_is_strike, parts["is"].iter()))
        if style in self._struck or shared or written:
            marks.struck.add(place)


def _decimals(code: str) -> int:
    """Returns the number of decimals that a number format always shows, such as 2 for `0.00`; 0 for other formats."""
    return len(code.partition(".")[2]) if re.fullmatch(r"0\.0+", code) else 0


def is_on(element: Element, name: str) -> bool:
    return element.get(name) in _ON


def notes_of(archive: ZipFile, part: str) -> dict[tuple[int, int], str]:
    """Returns the comments of a sheet by row and column. `part`: the path of the sheet within the file."""
    relations = f"{dirname(part)}/_rels/{part.rpartition('/')[2]}.rels"
    names, found = set(archive.namelist()), {}
    if relations not in names:
        return {}
    for one in fromstring(archive.read(relations)):
        target = one.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else normpath(join(dirname(part), target))
        if not one.get("Type", "").endswith("/comments") or path not in names:
            continue
        for comment in (each for each in fromstring(archive.read(path)).iter() if _name(each) == "comment"):
            at = comment.get("ref", "")
            letters = at.rstrip("0123456789")
            text = "".join(run.text or "" for run in comment.iter() if _name(run) == "t")
            found[int(at[len(letters) :]), number_of(letters)] = " ".join(text.split())
    return found


def _children(root: Element, name: str) -> list[Element]:
    return [child for part in root if _name(part) == name for child in part]


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _index(element: Element, name: str) -> int:
    return int(element.get(name, 0))


def _is_strike(element: Element) -> bool:
    return _name(element) in {"strike", "dstrike"} and element.get("val", "1") in _ON


def _struck_font(font: Element) -> bool:
    return any(map(_is_strike, font))


def _colour(fill: Element) -> str:
    """Returns a colour in the notation of the file. Returns an empty text for white, and if there is no background."""
    for pattern in fill:
        if _name(pattern) == "patternFill" and pattern.get("patternType", "none") not in _NO_FILL:
            for colour in pattern:
                if _name(colour) == "fgColor":
                    said = "|".join(f"{name}={value}" for name, value in sorted(colour.items()))
                    return "" if said.upper() in {"RGB=FFFFFFFF", "RGB=00FFFFFF", "THEME=0"} else said
    return ""
