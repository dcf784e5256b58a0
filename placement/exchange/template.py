"""The template for an import: a workbook with a line of help and an example on each sheet. Also formats cells."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import cast

from placement.exchange.cell_vocabulary import heading, help_on, names_of, title
from placement.exchange.csv_write import csv_of_rows
from placement.exchange.sheets import SHEETS, Column, Kind, Sheet
from placement.exchange.xlsx_write import WrittenSheet, xlsx_of
from placement.text.catalogue import Language, translate
from placement.text.labels import label
from placement.text.languages import spoken_names

BETWEEN = "; "
"""The separator between the values of a list."""


def xlsx_template(language: Language) -> bytes:
    return xlsx_of(_empty(sheet, language) for sheet in SHEETS.values())


def csv_template(sheet: Sheet, language: Language) -> str:
    return csv_of_rows(headings_of(sheet, language), [cells_of(sheet, sheet.example, language)])


def _empty(sheet: Sheet, language: Language) -> WrittenSheet:
    return WrittenSheet(
        title(sheet.name, language),
        headings_of(sheet, language),
        [cells_of(sheet, sheet.example, language)],
        above=[
            [translate("sheet.help", sheet.name, language)],
            [help_of(column, language) for column in sheet.columns],
        ],
        faint=True,
        choices=choices_of(sheet, language),
    )


def help_of(column: Column, language: Language) -> str:
    """Returns the help text of a column. For a closed list it names the allowed values."""
    said = help_on(column, language)
    if column.required:
        said = f"{said} ({translate('column.help', 'required', language)})"
    if column.of_first_row:
        said = f"{said} ({translate('column.help', 'of_first_row', language)})"
    return f"{said}: {', '.join(_labels(column, language))}" if column.offered else said


def headings_of(sheet: Sheet, language: Language) -> list[str]:
    return [heading(column, language) for column in sheet.columns]


def choices_of(sheet: Sheet, language: Language) -> dict[str, Sequence[str]]:
    """Returns the allowed values by heading, for columns whose cells contain a single code, or yes or no."""
    found: dict[str, Sequence[str]] = {}
    for column in sheet.columns:
        if column.kind is Kind.CODE:
            found[heading(column, language)] = _labels(column, language)
        elif column.kind is Kind.YES_NO:
            found[heading(column, language)] = [names_of("value", word, language)[0] for word in ("yes", "no")]
    return found


def written_sheet(sheet: Sheet, rows: Iterable[Mapping[str, object]], language: Language) -> WrittenSheet:
    """Returns a sheet with these rows, in the order of the columns. The reader of imports can read this sheet."""
    return WrittenSheet(
        title(sheet.name, language),
        headings_of(sheet, language),
        [cells_of(sheet, row, language) for row in rows],
        choices=choices_of(sheet, language),
    )


def cells_of(sheet: Sheet, row: Mapping[str, object], language: Language) -> list[object]:
    return [cell_of(column, row.get(column.name), language) for column in sheet.columns]


def cell_of(column: Column, value: object, language: Language) -> object:
    """Returns a value in the form that the reader of imports expects: as words, if there are words for the value."""
    if value is None:
        return None
    if isinstance(value, tuple | list):
        return BETWEEN.join(str(_one(column, each, language)) for each in value)
    return _one(column, value, language)


def _one(column: Column, value: object, language: Language) -> object:
    match column.kind:
        case Kind.YES_NO:
            return names_of("value", "yes" if value else "no", language)[0]
        case Kind.CODE | Kind.CODES:
            return _label(column, cast("Enum | str", value), language)
        case Kind.LANGUAGES:
            return _names_by_code(language).get(str(value), value)
        case _:
            return value


def _labels(column: Column, language: Language) -> list[str]:
    return [_label(column, code, language) for code in column.offered]


def _label(column: Column, code: Enum | str, language: Language) -> str:
    return label(column.codes.__name__, code, language) if column.codes else str(code)


@cache
def _names_by_code(language: Language) -> Mapping[str, str]:
    return {code: name for name, code in spoken_names(language).items()}
