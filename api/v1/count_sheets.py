"""Lists of count records, as registrants send them: a workbook or a CSV file with a row for each person."""

from typing import Annotated

from litestar.params import QueryParameter, RawBody
from pydantic import Field

from api.http.context import Output
from api.http.operations import post
from api.http.work_kinds import Work
from api.v1.exchange import TAKEN
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.counts import sheets
from placement.counts.sheet_rows import in_order
from placement.exchange.file_reader import read_grids
from placement.exchange.grid import LONGEST_FILE, letters
from placement.exchange.values import as_text
from placement.text.catalogue import Language
from placement.text.messages import say


class CountSheetFaultOut(Output):
    """A kind of fault in a list, with the first row in which it occurs."""

    row: int
    column: str = Field(description="The letter of the column; empty: the list lacks it.")
    field: str
    code: str
    message: str
    rows: int = Field(description="The number of rows with this fault.")


class CountSheetOut(Output):
    stored: int = Field(description="Records that were put into the inbox.")
    right: int = Field(description="Rows without a fault.")
    wrong: int = Field(description="Rows with a fault, which are never stored.")
    wrong_rows: list[int] = Field(description="Their numbers in the file.")
    faults: list[CountSheetFaultOut] = Field(description="Each kind of fault, the most frequent first.")


@post(
    "/count-sheets",
    summary="Import a list of count records",
    permission=Permission.COUNTS_IMPORT,
    work=Work.SLOW,
    takes=TAKEN,
    request_max_body_size=LONGEST_FILE,
)
def import_count_sheet(  # noqa: PLR0917 - the query of the route
    act: Act,
    body: RawBody,
    language: Language,
    name: Annotated[str, QueryParameter(max_length=200, description="The name of the file.")] = "",
    year: Annotated[int | None, QueryParameter(ge=2000, le=2099, description="The year of all its months.")] = None,
    only_right: Annotated[bool, QueryParameter(description="Whether rows with a fault are left out.")] = False,
) -> CountSheetOut:
    """Send a list of records: a workbook or CSV with a row for each person. The body is the file.

    If any row has a fault, nothing is stored, unless `only_right` leaves such rows out. A list that was sent before is
    not stored again.
    """
    return take_in_sheet(act, body, name, language, year=year, only_right=only_right)


def take_in_sheet(
    act: Act, content: bytes, name: str, language: Language, *, year: int | None, only_right: bool
) -> CountSheetOut:
    """Reads the first sheet with content in a file, and stores its records in the inbox of the register."""
    grids = [grid for grid in read_grids(content, name) if not grid.is_empty()]
    cells = [[as_text(cell) for cell in row] for row in grids[0].rows] if grids else []
    found = sheets.take_in(act, cells, year=year, only_right=only_right)
    wrong = sorted({one.number for one in found.faults})
    return CountSheetOut(
        stored=len(found.rows) if only_right or not wrong else 0,
        right=len(found.rows),
        wrong=len(wrong),
        wrong_rows=wrong,
        faults=[
            CountSheetFaultOut(
                row=one.number,
                column=letters(one.column),
                field=one.fault.field,
                code=one.fault.code,
                message=say(one.fault.code, one.fault.facts, language),
                rows=rows,
            )
            for one, rows in in_order(found.faults)
        ],
    )
