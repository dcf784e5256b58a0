"""Import and export. A file is tried and its changes are shown; the next form sends the file again to import it."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery

from api.http.context import RequestActs
from api.http.language import language_of
from api.http.methods import get, post
from api.http.response_formats import ODS, XLSX
from api.http.work_kinds import Work
from api.pages.form_results import form_on
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1.exchange import LARGEST_FILE, ImportOut, serialize
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.exchange import importing
from placement.exchange.answers import read_answers
from placement.exchange.cell_vocabulary import heading, title
from placement.exchange.export import Form as ExportForm
from placement.exchange.export import register_rows, written
from placement.exchange.mapping import read_mapping
from placement.exchange.sheets import SHEETS
from placement.exchange.template import xlsx_template

HERE = "/import"
_LARGEST_FORM = 2 * LARGEST_FILE
"""The largest form in bytes; a file as text is a third larger than the file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The files of a form, with their names; empty if no file was chosen."""

    name: str
    content: bytes
    mapping: bytes


async def upload_of(request: Page) -> Upload:
    """Returns the chosen file, or that of the previous form, which returns as text: the service does not store it."""
    form = await request.form()
    file, mapping = form.get("file"), form.get("map")
    if isinstance(file, UploadFile) and file.filename:
        return Upload(file.filename, await file.read(), await _read(mapping))
    return Upload(str(form.get("name", "")), _decoded(form.get("content")), _decoded(form.get("mapping")))


async def _read(file: object) -> bytes:
    return await file.read() if isinstance(file, UploadFile) and file.filename else b""


def _decoded(sent: object) -> bytes:
    try:
        return base64.b64decode(sent, validate=True) if isinstance(sent, str) else b""
    except binascii.Error:
        return b""


@page_at(HERE, permission=Permission.REGISTER_IMPORT)
def ask(
    request: Page,
    wrong: Wrong | None = None,
    *,
    told: ImportOut | None = None,
    upload: Upload | None = None,
    tried: bool = True,
    sure_of: Sequence[str] = (),
) -> Response[str]:
    """Shows the form. `upload`: the file that was tried, which the next form sends again, with the answers to questions
    about it.
    """
    findings, sheets = (told.findings, told.sheets) if told else ([], [])
    asked = list(dict.fromkeys(one.written for one in findings if one.written))
    unknown = any(sheet.asks for sheet in sheets)
    can = told is not None and tried and not unknown and not any(one.blocks for one in findings)
    sent = None
    if upload and tried and told and not told.carried_out:
        content, mapping = (base64.b64encode(one).decode() for one in (upload.content, upload.mapping))
        sent = {"name": upload.name, "content": content, "mapping": mapping, "sure_of": sure_of}
    most, language = LARGEST_FILE // 1_000_000, language_of(request)
    return page(
        request,
        "import.html",
        None,
        wrong,
        told=told,
        sent=sent,
        can=can,
        most=most,
        asked=asked,
        titles=[(name, title(name, language)) for name in SHEETS],
        columns={name: [(one.name, heading(one, language)) for one in sheet.columns] for name, sheet in SHEETS.items()},
    )


@post(
    HERE,
    permission=Permission.REGISTER_IMPORT,
    work=Work.SLOW,
    request_max_body_size=_LARGEST_FORM,
    dependencies={"upload": Provide(upload_of)},
)
@form_on(ask, typed=False)
def carry_out(request: Page, acts: RequestActs, form: SentForm, upload: NamedDependency[Upload]) -> Reply:
    """Tries a file, or carries it out, and shows the changes."""
    shown = form.get("shown").splitlines()
    means, sure_of = form.all("means") or shown, form.all("sure_of")
    dry_run = not form.has("carry_out") or means != shown  # another answer is tried first

    def imported(act: Act) -> ImportOut:
        given = read_mapping(upload.mapping) if upload.mapping else None
        outcome = importing.import_file(
            act,
            upload.content,
            upload.name,
            acts.language,
            dry_run=dry_run,
            given=given,
            sure_of=sure_of,
            answers=read_answers(means),
        )
        return serialize(outcome, acts.language, dry_run=dry_run)

    if not upload.content:
        raise Invalid.at("file", "file_missing")
    return ask(request, told=acts.change(ImportOut, imported), upload=upload, tried=dry_run, sure_of=sure_of)


@get(f"{HERE}/template", permission=Permission.REGISTER_IMPORT)
def template(request: Page) -> Response[bytes]:
    """Returns the workbook to fill in, in the reader's language."""
    return _file(xlsx_template(language_of(request)), "template.xlsx")


@get(f"{HERE}/register", work=Work.SLOW, permission=Permission.REGISTER_EXPORT)
def export(acts: RequestActs, ods: FromQuery[bool] = False) -> Response[bytes]:
    """Returns the present register as a workbook."""
    rows = acts.show("export", register_rows, Permission.REGISTER_EXPORT)
    form = ExportForm.ODS if ods else ExportForm.XLSX
    return _file(written(rows, form, acts.language), f"register.{form}", ODS if ods else XLSX)


def _file(content: bytes, name: str, media_type: str = XLSX) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept-Language, Cookie"}
    return Response(content, headers=headers, media_type=media_type)
