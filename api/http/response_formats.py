"""Answers as JSON or as a file, by `Accept`; lists as CSV or a workbook, with a row for each thing of the list."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from litestar import Response

from api.http.context import Acts, Output
from placement.core.context import Act
from placement.exchange.csv_write import csv_of_rows
from placement.exchange.xlsx_write import WrittenSheet, xlsx_of

JSON, CSV = "application/json", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = (CSV, XLSX)
"""The media types of a list beside JSON."""
_BETWEEN = "; "

Listed = TypeVar("Listed", bound=Output)
Source = TypeVar("Source")
Row = Mapping[str, object]


def listed(
    acts: Acts, name: str, serialize: Callable[[Act], Listed], rows: Callable[[Listed], Sequence[Row]], *columns: str
) -> Response[Listed]:
    """Returns the answer of a list. `name`: of the file. `rows`: its rows by column. Raises `NotAcceptable`."""
    media_type = acts.form_of((JSON, *FILES))

    def read(act: Act) -> tuple[Listed, Listed]:
        found = serialize(act)
        return found, found

    def write(found: Listed) -> tuple[str, bytes]:
        cells = [[_cell(row[column]) for column in columns] for row in rows(found)]
        if media_type == CSV:
            return f"{name}.csv", csv_of_rows(columns, cells).encode()
        return f"{name}.xlsx", xlsx_of([WrittenSheet(name, columns, cells)])

    return in_form(acts, media_type, read, write)


def in_form(
    acts: Acts,
    media_type: str,
    read: Callable[[Act], tuple[Listed, Source]],
    write: Callable[[Source], tuple[str, bytes]],
) -> Response[Listed]:
    """Returns the answer as JSON, or as a file. `read` returns the content for the file, `write` its name and bytes."""
    sources: list[Source] = []

    def read_once(act: Act) -> Listed:
        found, source = read(act)
        sources.append(source)
        return found

    answer = acts.read(read_once)
    headers = {**answer.headers, "Vary": "Accept, Accept-Language"}
    if media_type == JSON:
        return Response(answer.content, headers=headers, media_type=media_type)
    name, content = write(sources[-1])
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, headers=headers, media_type=media_type)  # type: ignore[arg-type]  # a file


def _cell(value: object) -> str | int | float | None:
    """Returns a plain value as it is, and a list in a single cell."""
    if isinstance(value, list | tuple):
        return _BETWEEN.join(str(_cell(one)) for one in value)
    return value if value is None or isinstance(value, int | float) else str(value)
