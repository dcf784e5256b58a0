"""The interpretation of each cell of a list, in the form in which the sender confirms or corrects it."""

from collections.abc import Mapping
from datetime import date
from enum import Enum

from placement.exchange.cell_vocabulary import heading, names_of, plain
from placement.exchange.grid import is_filled, letters
from placement.exchange.overview import Cell, Overview
from placement.exchange.sheet_shapes import CellShape, ColumnShape, LineShape, SheetShape, TotalShape
from placement.exchange.sheets import OVERVIEW
from placement.exchange.values import as_text
from placement.text.catalogue import Language
from placement.text.labels import label

MOST_LINES = 300
"""The largest number of rows of a sheet that are shown. Questions can name other rows too."""
_NEVER_SHOWN = frozenset({"people"})


def shape_of_list(one: Overview, language: Language) -> SheetShape:
    """Returns the interpretation of a list, with the first rows, in the form in which the sender sees it."""
    asked = {place: finding.question for finding in one.findings if finding.choices for place in finding.places}
    columns = [
        ColumnShape(
            f"{letters(each.number)}{row}",
            each.text,
            _example(one, each.number, row),
            each.column.name if each.column and each.sure else "",
            "" if each.sure or not each.column else each.column.name,
            (row, letters(each.number)) in asked,
        )
        for row, headings in ((at.rows[-1] + 1 if at.rows else 1, at.headings) for at in (one.layout, *one.others))
        for each in headings
        if each.text and not each.is_day
    ]
    lines = []
    for number, cells in list(enumerate(one.grid.rows, start=1))[:MOST_LINES]:
        shown = [
            _cell(one, language, number, at, as_text(cell), asked.get((number, letters(at)), ""))
            for at, cell in enumerate(cells, start=1)
            if is_filled(cell)
        ]
        if shown:
            lines.append(LineShape(number, shown))
    totals = [TotalShape(*total) for total in one.totals]
    asks = any(each.asks for each in columns) or any(finding.choices for finding in one.findings)
    return SheetShape(one.name, OVERVIEW.name, columns, asks, lines, totals)


def _example(one: Overview, number: int, row: int) -> str:
    if one.named(number) in _NEVER_SHOWN:
        return ""
    below = (cells[number - 1] for cells in one.grid.rows[row:] if number <= len(cells))
    return as_text(next(filter(is_filled, below), None))[:40]


def _cell(  # noqa: PLR0917 - a cell, and the question about it
    one: Overview, language: Language, row: int, number: int, text: str, question: str
) -> CellShape:
    cell = one.cells.get((row, number), Cell("not_imported"))
    state = "asked" if question else cell.state
    if one.named(number) in _NEVER_SHOWN and state == "not_imported":
        return CellShape(letters(number), "", state)
    return CellShape(letters(number), text[:200], state, _reading(cell.values, text, language), question)


def _reading(values: Mapping[str, object], text: str, language: Language) -> str:
    """Returns the values of a cell in words. Returns an empty text if the words are the text of the cell."""
    said = {name: _in_words(value, language) for name, value in values.items()}
    if all(plain(one) in plain(text) for one in said.values()):
        return ""
    columns = {column.name: column for column in OVERVIEW.columns}
    return "; ".join(
        f"{heading(columns[name], language)}: {one}" if name in columns else one for name, one in said.items() if one
    )


def _in_words(value: object, language: Language) -> str:
    match value:
        case tuple():
            return ", ".join(_in_words(one, language) for one in value)
        case Enum():
            return label(type(value).__name__, value, language)
        case bool():
            return names_of("value", "yes" if value else "no", language)[0]
        case date():
            return value.isoformat()
        case _:
            return str(value)
