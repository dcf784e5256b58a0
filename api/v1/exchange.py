"""The register of shelters as a file: import, and export in the form that `Accept` requests."""

from typing import Annotated

from litestar import Response
from litestar.params import QueryParameter, RawBody
from pydantic import Field

from api.http import methods
from api.http.context import Output, RequestActs
from api.http.operations import post
from api.http.response_formats import JSON, ODS, XLSX, in_form
from api.http.work_kinds import Work
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.place_codes import RoomRange
from placement.exchange import importing
from placement.exchange.answers import read_answers
from placement.exchange.export import Form, Rows, register_rows, written
from placement.exchange.hsds import write_hsds
from placement.exchange.import_messages import finding_in_words, result_in_words, step_in_words
from placement.exchange.import_tree import tree_of
from placement.exchange.importing import Outcome
from placement.exchange.sheet_shapes import SheetShape
from placement.exchange.sheets import SHEETS
from placement.text.catalogue import Language

ZIP = "application/zip"
_FORMS = {XLSX: ("xlsx", Form.XLSX), ODS: ("ods", Form.ODS), ZIP: ("zip", Form.CSV)}
"""The forms of the register besides HSDS: the ending of the file's name and the form, by media type."""
TAKEN = ("application/octet-stream",)
"""The media type of a file in the description. Others are accepted too, because the content shows the type."""
LARGEST_FILE = 5_000_000
"""The largest file in bytes. Larger files can be imported at the command line."""


_RANGES = (
    "What rows mean that name several rooms, if they do not say it: one room of this name, a room each with these "
    "beds, or a room each among which the beds are divided."
)


_SURE_OF = "Improbable telephone numbers of the file that are right; each is the `written` of a finding."


_MEANS = (
    "What a sheet is (`Overzicht=rooms`), or a column by its heading (`Overzicht!C4=beds`); nothing after = leaves it "
    "out. It is kept for the next file with these headings."
)


class ImportStepOut(Output):
    """The effect of a row in the file."""

    kind: str
    what: str
    id: str = Field(description="Empty of what is new, where the file was only tried or waits: it has none yet.")
    name: str
    sheet: str
    row: int
    text: str


class ImportFindingOut(Output):
    """A fault at a place in the file, or a note (`blocks` is false)."""

    sheet: str
    row: int | None
    column: str = Field(description="The letter of the column; empty where it is about the row or the sheet.")
    code: str
    message: str
    blocks: bool
    written: str | None = Field(
        description="An improbable telephone number, as written in the file: once `sure_of` names it, it is imported."
    )


class ImportColumnOut(Output):
    cell: str = Field(description="That of its heading.")
    heading: str
    example: str = Field(description="Its first value.")
    means: str = Field(description="The column of the service; empty if it is not read.")
    near: str = Field(description="The column that an unknown heading may mean; empty if none is similar.")
    asks: bool = Field(description="The heading is unknown, and nobody has answered yet.")


class ImportSheetOut(Output):
    """A sheet of the file as it was understood. `means` of the import confirms or corrects it."""

    name: str
    sheet: str = Field(description="The sheet of the service; empty if it is unknown, or left out.")
    columns: list[ImportColumnOut]
    asks: bool = Field(description="Something is unknown or missing.")
    allowed: list[str] = Field(description="The columns that a heading of it can mean, or the sheets that it can be.")


class ImportBranchOut(Output):
    """A place that the import would make, or a place that would contain such places."""

    name: str
    depth: int = Field(description="0: a provider, 1: a shelter, 2: a location, 3: a unit, 4: a room.")
    is_new: bool
    rooms: int = Field(description="Rooms that the file makes in it.")
    beds: int


class ImportOut(Output):
    carried_out: bool
    waits_for_second_person: bool
    result: str
    counts: dict[str, int]
    steps: list[ImportStepOut]
    findings: list[ImportFindingOut]
    sheets: list[ImportSheetOut]
    tree: list[ImportBranchOut] = Field(description="The places that it makes, each below what contains it.")


class RegisterOut(Output):
    """The register and its capacity in the tabular form of HSDS 3."""

    organization: list[dict[str, object]]
    location: list[dict[str, object]]
    service: list[dict[str, object]]
    service_at_location: list[dict[str, object]]
    service_capacity: list[dict[str, object]]
    unit: list[dict[str, object]]
    language: list[dict[str, object]]
    attribute: list[dict[str, object]]
    taxonomy: list[dict[str, object]]
    taxonomy_term: list[dict[str, object]]


@post(
    "/imports",
    summary="Import a file of the register",
    permission=Permission.REGISTER_IMPORT,
    work=Work.SLOW,
    takes=TAKEN,
    request_max_body_size=LARGEST_FILE,
)
def import_register(  # noqa: PLR0917  (each says something of the file)
    act: Act,
    body: RawBody,
    language: Language,
    name: Annotated[str, QueryParameter(max_length=200, description="Of the file; of CSV: its sheet.")] = "",
    dry_run: Annotated[bool, QueryParameter(description="Only say what it would do.")] = False,
    ranges: Annotated[RoomRange | None, QueryParameter(description=_RANGES)] = None,
    sure_of: Annotated[list[str] | None, QueryParameter(description=_SURE_OF)] = None,
    means: Annotated[list[str] | None, QueryParameter(description=_MEANS)] = None,
) -> ImportOut:
    """Import a workbook, CSV, a ZIP file of CSV, or HSDS 3; wholly, or not at all (422). The body is the file.

    A row whose room is named `3 t/m 5` or `3, 4 en 5` can mean several rooms. It is refused (`import_rooms_unclear`)
    until its column `several` or the query `ranges` gives the meaning.
    """
    outcome = importing.import_file(
        act,
        body,
        name,
        language,
        dry_run=dry_run,
        ranges=ranges,
        sure_of=sure_of or (),
        answers=read_answers(means or ()),
    )
    if not dry_run:
        outcome.require_right()
    return serialize(outcome, language, dry_run=dry_run)


def serialize(outcome: Outcome, language: Language, *, dry_run: bool) -> ImportOut:
    return ImportOut(
        carried_out=outcome.carried_out,
        waits_for_second_person=outcome.waits,
        result=result_in_words(outcome, language, dry_run=dry_run),
        counts=outcome.counts(),
        steps=[ImportStepOut.of(step, id=step.thing, text=step_in_words(step, language)) for step in outcome.steps],
        findings=[
            ImportFindingOut.of(one, message=finding_in_words(one, language), written=one.facts.get("written"))
            for one in outcome.findings
        ],
        sheets=[_sheet(one) for one in outcome.shapes],
        tree=[ImportBranchOut.of(one) for one in tree_of(outcome.steps)],
    )


def _sheet(one: SheetShape) -> ImportSheetOut:
    allowed = [column.name for column in SHEETS[one.sheet].columns] if one.sheet else list(SHEETS)
    return ImportSheetOut.of(one, columns=[ImportColumnOut.of(column) for column in one.columns], allowed=allowed)


@methods.get(
    "/exports/register",
    summary="Export the register",
    permission=Permission.REGISTER_EXPORT,
    work=Work.SLOW,
    also_as=tuple(_FORMS),
)
def export_register(acts: RequestActs) -> Response[RegisterOut]:
    """Export the register of shelters and its capacity, without clients and addresses, as HSDS 3, a workbook, or CSV in
    a ZIP file.
    """
    media_type = acts.form_of((JSON, *_FORMS))

    def read(act: Act) -> tuple[RegisterOut, Rows]:
        rows = register_rows(act)
        return RegisterOut.model_validate_json(write_hsds(rows, act.at)), rows

    def write(rows: Rows) -> tuple[str, bytes]:
        ending, form = _FORMS[media_type]
        return f"register.{ending}", written(rows, form, acts.language)

    return in_form(acts, media_type, read, write)
