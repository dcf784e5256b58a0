"""The steps of an import, and the export of the register of shelters in the form that `Accept` requests."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, JSONBody, QueryParameter, RawBody
from pydantic import Field

from api.http import methods
from api.http.context import Input, Output, RequestActs
from api.http.operations import get, patch, post
from api.http.response_formats import JSON, ODS, XLSX, in_form
from api.http.work_kinds import Work
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.place_codes import RoomRange
from placement.exchange import import_records, open_imports
from placement.exchange.export import Form, Rows, register_rows, written
from placement.exchange.grid import LONGEST_FILE
from placement.exchange.hsds import write_hsds
from placement.exchange.import_messages import choice_in_words, finding_in_words, result_in_words, step_in_words
from placement.exchange.import_tree import tree_of
from placement.exchange.importing import Outcome
from placement.exchange.sheet_shapes import SheetShape
from placement.exchange.sheets import MEANT
from placement.tables import ImportRecord
from placement.text.catalogue import Language

ZIP = "application/zip"
_FORMS = {XLSX: ("xlsx", Form.XLSX), ODS: ("ods", Form.ODS), ZIP: ("zip", Form.CSV)}
"""The file formats of the register besides HSDS, by media type: the ending of the file's name, and the format."""
TAKEN = ("application/octet-stream",)
"""The media type of a file in the description. Every media type is accepted, because the content shows the format."""


class ImportAnswersIn(Input):
    """Answers to the questions of an import. Earlier answers to other questions stay."""

    means: list[Annotated[str, Field(max_length=500)]] = Field(
        [],
        max_length=5_000,
        description="The kind of a sheet (`Overzicht=rooms`), or the meaning of a column by its heading "
        "(`Overzicht!C4=beds`); nothing after = leaves it out. The answer is kept for the next file with "
        "these headings.",
    )
    sure_of: list[Annotated[str, Field(max_length=100)]] = Field(
        [],
        max_length=1_000,
        description="Improbable telephone numbers of the file that are right; each is the `written` of a finding.",
    )
    ranges: RoomRange | None = Field(
        None,
        description="The meaning of rows that name several rooms, if they do not state it: one room with this name, "
        "several rooms with these beds each, or several rooms that share these beds.",
    )
    name: str | None = Field(None, min_length=1, max_length=100, description="Your name for such files.")


class OpenImportOut(Output):
    """An import that is not confirmed yet. It belongs to your session, and ends with it."""

    id: str
    name: str = Field(description="The name of the file.")
    ends_at: datetime = Field(description="The latest time at which the file is destroyed.")


class DoneImportOut(Output):
    """An import that was carried out."""

    id: str
    name: str = Field(description="Your name for such files; empty if it has none.")
    done_at: datetime
    done_by: str
    counts: dict[str, int]
    taken_back_at: datetime | None
    taken_back_by: str | None


class ImportsOut(Output):
    open: list[OpenImportOut] = Field(description="The imports of your session.")
    done: list[DoneImportOut] = Field(description="Imports of sheets that you may import, newest first.")


class ImportStepOut(Output):
    """The effect of a row of the file: what the import would make or change."""

    kind: str
    what: str
    id: str = Field(description="Empty for a new entry that has no id yet, because the file was only tried or waits.")
    name: str
    sheet: str
    row: int
    text: str


class ImportChoiceOut(Output):
    value: str = Field(description="The text after = in the answer.")
    text: str


class ImportFindingOut(Output):
    """A finding at a place in the file: a fault, a note (`blocks` is false), or a question (with `choices`)."""

    sheet: str
    row: int | None
    column: str = Field(description="The letter of the column; empty if the finding is about the row or the sheet.")
    code: str
    message: str
    blocks: bool
    written: str | None = Field(
        description="An improbable telephone number, as the file has it. It is imported if `sure_of` contains it."
    )
    question: str = Field(description="The name of the question: `means` answers `question=value`. Otherwise empty.")
    choices: list[ImportChoiceOut] = Field(description="The allowed answers.")
    typed: bool = Field(description="true: the name of any other place is allowed, too.")
    guess: str = Field(description="The answer that the service proposes; may be empty.")
    cells: list[str] = Field(description="The cells to which the answer applies.")


class ImportColumnOut(Output):
    cell: str = Field(description="The cell of the column's heading.")
    heading: str
    example: str = Field(description="The first value of the column.")
    means: str = Field(description="The column of the service that it becomes; empty if it is not read.")
    near: str = Field(description="The column that an unknown heading may mean; empty if none is similar.")
    asks: bool = Field(description="true: the heading is unknown, and nobody has given its meaning yet.")


class ImportCellOut(Output):
    column: str
    text: str = Field(description="The text of the cell; empty if it stands for a person, who is never imported.")
    state: str = Field(description="read, asked, above (as the cell above), heading, title, total or not_imported.")
    reading: str = Field(description="The text as the service reads it, if it differs.")
    question: str = Field(description="The name of the question about the cell; empty if there is no question.")


class ImportLineOut(Output):
    row: int
    cells: list[ImportCellOut]


class ImportTotalOut(Output):
    """A total of beds that the file states, beside the number of beds that the import counted."""

    row: int
    found: int
    counted: int


class ImportSheetOut(Output):
    """A sheet of the file, with its assumed meaning. The sender confirms it, or corrects it with `means`."""

    name: str
    sheet: str = Field(description="The sheet of the service that it becomes; empty if it is unknown, or left out.")
    columns: list[ImportColumnOut]
    asks: bool = Field(description="true: something in the sheet is unknown or missing.")
    allowed: list[str] = Field(description="The columns that a heading can mean, or the sheets that this sheet can be.")
    lines: list[ImportLineOut] = Field(description="For a list in its own form: each cell with its reading.")
    totals: list[ImportTotalOut]


class ImportBranchOut(Output):
    """A place that the import would make, or an existing place to which it would add places."""

    name: str
    depth: int = Field(description="0: a provider, 1: a shelter, 2: a location, 3: a unit, 4: a room.")
    is_new: bool
    rooms: int = Field(description="The number of rooms in it that the file makes.")
    beds: int


class ImportOut(Output):
    """An import: what it would do, or what it did."""

    id: str
    ends_at: datetime | None = Field(description="The latest time at which the file is destroyed; null: it is gone.")
    carried_out: bool
    waits_for_second_person: bool
    result: str
    counts: dict[str, int]
    steps: list[ImportStepOut]
    findings: list[ImportFindingOut]
    sheets: list[ImportSheetOut]
    tree: list[ImportBranchOut] = Field(description="The places that it makes, each below the place that contains it.")


class RegisterOut(Output):
    """The register of shelters with its capacity, in the tabular form of HSDS 3."""

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
    summary="Begin an import",
    permission=Permission.REGISTER_IMPORT,
    work=Work.SLOW,
    takes=TAKEN,
    request_max_body_size=LONGEST_FILE,
    status_code=201,
)
def begin_import(
    act: Act,
    body: RawBody,
    language: Language,
    name: Annotated[str, QueryParameter(max_length=200, description="The name of the file; for CSV, of a sheet.")] = "",
) -> OpenImportOut:
    """Send a workbook, CSV, a ZIP file of CSV, or HSDS 3. The body is the file. The file is encrypted for your session
    and kept for an hour at most. Nothing is imported yet: read the import, answer its questions, and confirm it.
    """
    return OpenImportOut.of(open_imports.start(act, body, name, language))


@get("/imports", summary="List imports", permission=Permission.IMPORT_READ)
def list_imports(act: Act) -> ImportsOut:
    """List the imports of your session that are under way, and those that were carried out."""
    return ImportsOut(
        open=[OpenImportOut(id=one, name=name, ends_at=until) for one, name, until in open_imports.listed(act)],
        done=[_done(one) for one in import_records.listed(act)],
    )


@get(
    "/imports/{import_id:str}",
    summary="Read an import under way",
    permission=Permission.IMPORT_READ,
    work=Work.SLOW,
)
def read_import(act: Act, import_id: FromPath[str], language: Language) -> ImportOut:
    """Read what an import would do: its questions with the allowed answers, its faults, and the places that it makes.

    A row whose room is named `3 t/m 5` or `3, 4 en 5` can mean several rooms. Such a row is a fault
    (`import_rooms_unclear`) until its column `several`, or the answer `ranges`, gives the meaning.
    """
    outcome = open_imports.preview(act, import_id, language)
    ends_at = open_imports.found(act, import_id).ends_at
    return serialize(outcome, language, import_id=import_id, ends_at=ends_at)


@patch(
    "/imports/{import_id:str}",
    summary="Answer questions of an import",
    permission=Permission.REGISTER_IMPORT,
)
def answer_import(act: Act, import_id: FromPath[str], data: JSONBody[ImportAnswersIn]) -> OpenImportOut:
    """Answer questions of an import. Earlier answers are kept; read the import again to see the effect."""
    given = data.model_dump(exclude={"name"})
    return OpenImportOut.of(open_imports.answer(act, import_id, called=data.name, **given))


@post(
    "/imports/{import_id:str}/confirm",
    summary="Confirm an import",
    permission=Permission.REGISTER_IMPORT,
    work=Work.SLOW,
)
def confirm_import(act: Act, import_id: FromPath[str], language: Language) -> ImportOut:
    """Carry an import out. If it has a fault, nothing is imported (400). Afterwards the file and its key are destroyed.

    If more than ten places close, the whole import becomes a request to a second person, who has until `ends_at`.
    """
    ends_at = open_imports.found(act, import_id).ends_at
    outcome = open_imports.confirm(act, import_id, language)
    shown = replace(outcome, findings=[], shapes=())  # a stored answer repeats no cell of the file
    return serialize(shown, language, import_id=import_id, ends_at=ends_at if outcome.waits else None, dry_run=False)


@post(
    "/imports/{import_id:str}/give-up",
    summary="Give up an import",
    permission=Permission.REGISTER_IMPORT,
)
def give_up_import(act: Act, import_id: FromPath[str]) -> ImportsOut:
    """End an import under way. Its file and key are destroyed, and nothing is imported."""
    open_imports.give_up(act, import_id)
    return list_imports(act)


@post(
    "/import-records/{record_id:str}/take-back",
    summary="Take back an import",
    permission=Permission.REGISTER_IMPORT,
    work=Work.SLOW,
)
def take_back_import(act: Act, record_id: FromPath[str]) -> DoneImportOut:
    """Reverse an import: close the places that it made, and restore the values that it changed.

    Rejected (`import_in_use`, with the names) if a client was placed in a new place, or if a value was changed again.
    """
    return _done(import_records.take_back(act, record_id))


def _done(one: ImportRecord) -> DoneImportOut:
    return DoneImportOut.of(one, name=one.content["name"], counts=one.content["counts"])


def serialize(
    outcome: Outcome, language: Language, *, import_id: str, ends_at: datetime | None = None, dry_run: bool = True
) -> ImportOut:
    return ImportOut(
        id=import_id,
        ends_at=ends_at,
        carried_out=outcome.carried_out,
        waits_for_second_person=outcome.waits,
        result=result_in_words(outcome, language, dry_run=dry_run),
        counts=outcome.counts(),
        steps=[ImportStepOut.of(step, id=step.thing, text=step_in_words(step, language)) for step in outcome.steps],
        findings=[
            ImportFindingOut.of(
                one,
                message=finding_in_words(one, language),
                written=one.facts.get("written"),
                choices=[
                    ImportChoiceOut(value=choice.value, text=choice_in_words(choice, language))
                    for choice in one.choices
                ],
                cells=[f"{column}{row}" for row, column in one.places],
            )
            for one in outcome.findings
        ],
        sheets=[_sheet(one) for one in outcome.shapes],
        tree=[ImportBranchOut.of(one) for one in tree_of(outcome.steps)],
    )


def _sheet(one: SheetShape) -> ImportSheetOut:
    allowed = [column.name for column in MEANT[one.sheet].columns] if one.sheet else list(MEANT)
    return ImportSheetOut.of(
        one,
        columns=[ImportColumnOut.of(column) for column in one.columns],
        allowed=allowed,
        lines=[
            ImportLineOut(row=line.row, cells=[ImportCellOut.of(cell) for cell in line.cells]) for line in one.lines
        ],
        totals=[ImportTotalOut.of(total) for total in one.totals],
    )


@methods.get(
    "/exports/register",
    summary="Export the register",
    permission=Permission.REGISTER_EXPORT,
    work=Work.SLOW,
    also_as=tuple(_FORMS),
)
def export_register(acts: RequestActs) -> Response[RegisterOut]:
    """Export the register with its capacity, without clients and addresses: as HSDS 3, workbook, or CSV in a ZIP
    file.
    """
    media_type = acts.form_of((JSON, *_FORMS))

    def read(act: Act) -> tuple[RegisterOut, Rows]:
        rows = register_rows(act)
        return RegisterOut.model_validate_json(write_hsds(rows, act.at)), rows

    def write(rows: Rows) -> tuple[str, bytes]:
        ending, form = _FORMS[media_type]
        return f"register.{ending}", written(rows, form, acts.language)

    return in_form(acts, media_type, read, write)
