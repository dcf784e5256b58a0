"""Lists as JSON, CSV or a workbook, by `Accept`: one row for each thing of the list."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

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
Row = Mapping[str, Any]


def listed(
    acts: Acts, name: str, serialize: Callable[[Act], Listed], rows: Callable[[Listed], Sequence[Row]], *columns: str
) -> Response[Listed]:
    """The answer of a list. `name`: of the file; `rows`: what is in it, each by column. Raises `NotAcceptable`."""
    media_type = acts.form_of((JSON, *FILES))
    found: list[Listed] = []

    def read(act: Act) -> Listed:
        found.append(serialize(act))
        return found[-1]

    answer = acts.read(read)
    headers = {**answer.headers, "Vary": "Accept, Accept-Language"}
    if media_type == JSON:
        return Response(answer.content, headers=headers, media_type=media_type)
    cells = [[_cell(row[column]) for column in columns] for row in rows(found[-1])]
    ending = "csv" if media_type == CSV else "xlsx"
    content = (
        csv_of_rows(columns, cells).encode() if media_type == CSV else xlsx_of([WrittenSheet(name, columns, cells)])
    )
    headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return Response(content, headers=headers, media_type=media_type)  # type: ignore[arg-type]  # a file


def _cell(value: Any) -> str | int | float | None:
    """A plain value as it is, a list in one cell."""
    if isinstance(value, list | tuple):
        return _BETWEEN.join(str(_cell(one)) for one in value)
    return value if value is None or isinstance(value, int | float) else str(value)
