"""Import and export. The session stores the file of an import until the user has seen its changes and confirms them."""

from dataclasses import dataclass
from functools import partial

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from api.http.context import RequestActs
from api.http.methods import get, post
from api.http.response_formats import ODS, XLSX
from api.http.work_kinds import Work
from api.pages.declared_pages import form
from api.pages.form_results import form_on, gone
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.translation import reader_language
from api.v1.exchange import (
    ImportAnswersIn,
    ImportOut,
    ImportSheetOut,
    OpenImportOut,
    answer_import,
    confirm_import,
    give_up_import,
    list_imports,
    read_import,
    take_back_import,
)
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.geography import place_names
from placement.core.practice_mode import file_name
from placement.exchange import open_imports
from placement.exchange.cell_vocabulary import heading, title
from placement.exchange.export import Form as ExportForm
from placement.exchange.export import register_rows, written
from placement.exchange.grid import LONGEST_FILE, letters, number_of
from placement.exchange.sheets import MEANT
from placement.exchange.template import xlsx_template

HERE = "/import"
_LARGEST_FORM = LONGEST_FILE + 1_000_000
"""The largest form in bytes: a file and a mapping."""
_MOST = LONGEST_FILE // 1_000_000
_TYPED = "typed "
"""The beginning of the name of a field for a free answer. The name of the question follows."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The files of a form, with their names; empty if no file was chosen."""

    name: str
    content: bytes
    mapping: str | None


async def upload_of(request: Page) -> Upload:
    form = await request.form()
    file, mapping = form.get("file"), form.get("map")
    chosen = file if isinstance(file, UploadFile) and file.filename else None
    content = await chosen.read() if chosen else b""
    return Upload(chosen.filename if chosen else "", content, await _text_of(mapping))


async def _text_of(file: object) -> str | None:
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return (await file.read()).decode("utf-8-sig", errors="replace")


@page_at(HERE, permission=Permission.IMPORT_READ)
def ask(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    """Shows the form, the imports under way, and those that were carried out."""
    imports = acts.show("import", list_imports, Permission.IMPORT_READ)
    return page(request, "import.html", None, wrong, told=None, imports=imports, most=_MOST)


@post(
    HERE,
    permission=Permission.REGISTER_IMPORT,
    work=Work.SLOW,
    request_max_body_size=_LARGEST_FORM,
    dependencies={"upload": Provide(upload_of)},
)
@form_on(ask, typed=False)
def begin(request: Page, acts: RequestActs, form: SentForm, upload: NamedDependency[Upload]) -> Reply:  # noqa: ARG001
    """Stores a file for the session, and shows what it would do."""
    if not upload.name:
        raise Invalid.at("file", "file_missing")

    def begun(act: Act) -> OpenImportOut:
        made = open_imports.start(act, upload.content, upload.name, acts.language, mapping=upload.mapping)
        return OpenImportOut.of(made)

    return gone(request, f"{HERE}/{acts.change(OpenImportOut, begun).id}")


@page_at(f"{HERE}/{{import_id:str}}", permission=Permission.IMPORT_READ, work=Work.SLOW)
def show(
    request: Page,
    acts: RequestActs,
    import_id: FromPath[str],
    wrong: Wrong | None = None,
    *,
    told: ImportOut | None = None,
) -> Response[str]:
    """Shows what an import would do, and its questions. `told`: the result, if the import was carried out."""
    if told is None:
        read = partial(read_import, import_id=import_id, language=acts.language)
        told = acts.show("import_preview", read, Permission.IMPORT_READ)
    language = acts.language
    return page(
        request,
        "import.html",
        None,
        wrong,
        told=told,
        imports=None,
        most=_MOST,
        asked=list(dict.fromkeys(one.written for one in told.findings if one.written)),
        can=not any([*(sheet.asks for sheet in told.sheets), *(one.blocks for one in told.findings)]),
        letters={sheet.name: _letters(sheet) for sheet in told.sheets},
        place_names=place_names(),
        titles=[(name, title(name, language)) for name in MEANT],
        columns={name: [(one.name, heading(one, language)) for one in sheet.columns] for name, sheet in MEANT.items()},
    )


@post(f"{HERE}/{{import_id:str}}", permission=Permission.REGISTER_IMPORT, work=Work.SLOW)
@form_on(show, typed=False)
def go_on(request: Page, acts: RequestActs, form: SentForm, import_id: FromPath[str]) -> Reply:
    """Carries the import out if the user confirmed it without a change of answers. Otherwise stores the answers."""
    shown = form.get("shown").splitlines()
    typed = [(name.removeprefix(_TYPED), value) for name, value in form.fields if name.startswith(_TYPED) and value]
    means = [*(form.all("means") or shown), *(f"{question}={value.strip()}" for question, value in typed)]
    given = ImportAnswersIn(means=means, sure_of=form.all("sure_of"), name=form.get("name") or None)
    if not form.has("carry_out") or means != shown:  # first show the effect of changed answers
        acts.change(OpenImportOut, lambda act: answer_import(act, import_id, given))
        return gone(request, f"{HERE}/{import_id}")

    def confirmed(act: Act) -> ImportOut:
        if given.name:
            answer_import(act, import_id, ImportAnswersIn(name=given.name))
        return confirm_import(act, import_id, acts.language)

    return show(request, acts, import_id, told=acts.change(ImportOut, confirmed))


give_up = form(f"{HERE}/{{import_id:str}}/give-up", give_up_import, ask, to=HERE)
take_back = form(f"{HERE}/records/{{record_id:str}}/take-back", take_back_import, ask, to=HERE)


def _letters(sheet: ImportSheetOut) -> list[str]:
    """Returns the letters of all columns between the first and the last column of a list."""
    used = [number_of(cell.column) for line in sheet.lines for cell in line.cells]
    return [letters(number) for number in range(1, max(used, default=0) + 1)]


@get(f"{HERE}/template", permission=Permission.REGISTER_IMPORT)
def template(request: Page) -> Response[bytes]:
    """Returns the workbook to fill in, in the reader's language."""
    return _file(xlsx_template(reader_language(request)), "template.xlsx")


@get(f"{HERE}/register", work=Work.SLOW, permission=Permission.REGISTER_EXPORT)
def export(acts: RequestActs, ods: FromQuery[bool] = False) -> Response[bytes]:
    """Returns the present register of shelters as a workbook."""
    rows = acts.show("export", register_rows, Permission.REGISTER_EXPORT)
    form = ExportForm.ODS if ods else ExportForm.XLSX
    return _file(written(rows, form, acts.language), f"register.{form}", ODS if ods else XLSX)


def _file(content: bytes, name: str, media_type: str = XLSX) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{file_name(name)}"', "Vary": "Accept-Language, Cookie"}
    return Response(content, headers=headers, media_type=media_type)
