"""Answers as JSON or as a file, as the header `Accept` asks. The file of a list is CSV or a workbook with a row for
each item. A link on a page cannot send a header, so it names the media type in the query parameter `format`.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, TypeVar

from litestar import Response
from litestar.params import QueryParameter

from api.http.context import Acts, Output
from placement.access.permissions import Permission, require_running
from placement.core.context import Act
from placement.core.practice_mode import file_name
from placement.exchange import ods_write
from placement.exchange.csv_write import csv_of_rows
from placement.exchange.xlsx_write import WrittenSheet, xlsx_of
from placement.text.catalogue import translate

JSON, CSV = "application/json", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = ods_write.MIMETYPE
FILES = (CSV, XLSX, ODS)
"""The media types of a list, besides JSON."""


class FileForm(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"


_MEDIA = dict(zip(FileForm, FILES, strict=True))
FormAsked = Annotated[FileForm | None, QueryParameter(description="A file; left out: the form that `Accept` names.")]
_BETWEEN = "; "

Listed = TypeVar("Listed", bound=Output)
Source = TypeVar("Source")
Row = Mapping[str, object]


def file_asked(acts: Acts, form: FileForm | None) -> str | None:
    """Returns the media type of the requested file; `None` for JSON. Raises `NotAcceptable`, and `Stopped` while work
    is stopped because of data in doubt.
    """
    media_type = _MEDIA[form] if form else acts.form_of((JSON, *FILES))
    if media_type == JSON:
        return None
    acts.run(lambda act: require_running(act, Permission.REGISTER_EXPORT))
    return media_type


def listed(
    acts: Acts,
    name: str,
    serialize: Callable[[Act], Listed],
    rows: Callable[[Listed], Sequence[Row]],
    *columns: str,
    form: FileForm | None = None,
    worded: bool = False,
) -> Response[Listed]:
    """Returns a list as JSON or as a file.

    - `name`: the name of the file
    - `rows`: returns the rows of the file from the list
    - `form`: the query parameter `format`
    - `worded`: true for a file that people read, with headings in their language

    Raises `NotAcceptable`.
    """
    media_type = file_asked(acts, form) or JSON

    def read(act: Act) -> tuple[Listed, Listed]:
        found = serialize(act)
        return found, found

    def write(found: Listed) -> tuple[str, bytes]:
        return file_of(acts, name, media_type, columns, rows(found), worded=worded)

    return in_form(acts, media_type, read, write)


def file_of(
    acts: Acts, name: str, media_type: str, columns: Sequence[str], rows: Sequence[Row], *, worded: bool = True
) -> tuple[str, bytes]:
    """Returns name and content of a file with one table. `worded`: as in `listed`."""
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    heads = [translate("list", one, acts.language) for one in columns] if worded else columns
    if media_type == CSV:
        return f"{name}.csv", csv_of_rows(heads, cells).encode()
    sheet = [WrittenSheet(name, heads, cells)]
    return (f"{name}.ods", ods_write.ods_of(sheet)) if media_type == ODS else (f"{name}.xlsx", xlsx_of(sheet))


def in_form(
    acts: Acts,
    media_type: str,
    read: Callable[[Act], tuple[Listed, Source]],
    write: Callable[[Source], tuple[str, bytes]],
) -> Response[Listed]:
    """Returns the answer as JSON or as a file. `read`: reads the output and the source of the file. `write`: makes name
    and content of the file.
    """
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
    headers["Content-Disposition"] = f'attachment; filename="{file_name(name)}"'
    return Response(content, headers=headers, media_type=media_type)  # type: ignore[arg-type]  # a file


def _cell(value: object) -> str | int | float | None:
    """Returns the value of a cell: a list becomes a text."""
    if isinstance(value, list | tuple):
        return _BETWEEN.join(str(_cell(one)) for one in value)
    return value if value is None or isinstance(value, int | float) else str(value)
