"""Lists of cases and tasks, as JSON or as a file with reference, scheme, urgency, days and state."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from litestar import Response

from api.http.context import Acts, Output
from api.http.response_formats import JSON, FileForm, file_asked, file_of, in_form
from placement.core.context import Act
from placement.exchange.case_lists import COLUMNS, Listed, rows_of

AnyList = TypeVar("AnyList", bound=Output)


def case_list(
    acts: Acts, name: str, form: FileForm | None, read: Callable[[Act, bool], tuple[AnyList, Sequence[Listed]]]
) -> Response[AnyList]:
    """Returns a list as JSON or as a file. `read` returns the answer and the rows of the file; its second argument is
    true if all rows are needed, because the answer is a file without paging. Raises `NotAcceptable`.
    """
    media_type = file_asked(acts, form)

    def read_rows(act: Act) -> tuple[AnyList, list[dict[str, object]]]:
        found, listed = read(act, media_type is not None)
        return found, [] if media_type is None else rows_of(act, listed, acts.language)

    def write(rows: list[dict[str, object]]) -> tuple[str, bytes]:
        return file_of(acts, name, str(media_type), COLUMNS, rows)

    return in_form(acts, media_type or JSON, read_rows, write)
