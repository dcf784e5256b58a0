"""Commands about files of the register: import, export."""

import os
from pathlib import Path, PurePath
from typing import Annotated, NoReturn

import typer

from placement.cli.store import acting
from placement.core import clock
from placement.core.errors import Invalid, PlacementError
from placement.core.practice_mode import require_real
from placement.exchange import export as exports
from placement.exchange import importing, open_imports
from placement.exchange.answers import read_answers
from placement.exchange.export import Form
from placement.exchange.hsds import write_hsds
from placement.exchange.import_messages import finding_in_words, place_in_words, result_in_words, step_in_words
from placement.exchange.open_imports import Answered
from placement.exchange.sheets import SHEETS
from placement.exchange.template import csv_template, xlsx_template
from placement.leave.people_archive import WORKBOOK
from placement.leave.people_export import export_people
from placement.text.catalogue import SOURCE, Language, Offered
from placement.text.messages import say

WRONG, WAITS = 2, 3

Spoken = Annotated[Offered, typer.Option("--lang", help="The language of headings and messages.")]


def import_(
    file: Annotated[Path, typer.Argument(help="A workbook (.xlsx, .ods), CSV, a ZIP file of CSV, or HSDS 3 (JSON).")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print its effect; change nothing.")] = False,
    mapping: Annotated[
        Path | None, typer.Option("--map", help="The meaning of the columns (TOML); kept for the next file.")
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Write the template to FILE instead: .xlsx, or SHEET.csv.")
    ] = False,
    sure_of: Annotated[
        list[str] | None, typer.Option("--sure-of", help="An improbable telephone number of the file that is right.")
    ] = None,
    means: Annotated[
        list[str] | None,
        typer.Option("--means", help="The kind of a sheet (A=rooms) or column (A!C4=beds)."),
    ] = None,
    language: Spoken = SOURCE,
) -> None:
    """Import the register of shelters from a file, wholly or not at all. Exit 2: something in the file is wrong.

    Exit 3: it closes more than ten places. A second person, of the desk, can grant the import within an hour.
    """
    if template:
        _write(file, _template(file, language))
        return
    try:
        text = mapping.read_text(encoding="utf-8-sig", errors="replace") if mapping else None
        answered = Answered(means=means or [], sure_of=sure_of or [], mapping=text)
        content = file.read_bytes()
        with acting() as act:
            outcome = importing.import_file(
                act,
                content,
                file.name,
                language,
                dry_run=dry_run,
                given=answered.given(),
                sure_of=answered.sure_of,
                answers=read_answers(answered.means),
            )
            if outcome.waits:
                open_imports.ask_second(act, content, file.name, answered, outcome)
    except Invalid as wrong:
        _stop("\n".join(say(fault.code, fault.facts, language) for fault in wrong.faults))
    for step in outcome.steps:
        typer.echo(step_in_words(step, language))
    for finding in outcome.findings:
        mark = "!" if finding.blocks else "-"
        where = place_in_words(finding, language)
        typer.echo(f"{mark} {where}: {finding_in_words(finding, language)}", err=True)
    typer.echo(result_in_words(outcome, language, dry_run=dry_run), err=True)
    if not outcome.is_right or outcome.waits:
        raise typer.Exit(WAITS if outcome.waits else WRONG)


def export(
    output: Annotated[
        Path,
        typer.Option(help="The file to write; for CSV a ZIP file with all sheets; with people a new file."),
    ],
    *,
    form: Annotated[Form, typer.Option("--format", help="`hsds`: HSDS 3, JSON in its tabular form.")] = Form.XLSX,
    with_people: Annotated[
        bool, typer.Option("--with-people", help="Also every case and its history, encrypted for one recipient (age).")
    ] = False,
    approval: Annotated[str, typer.Option(help="With people: the id of the granted request.")] = "",
    language: Spoken = SOURCE,
) -> None:
    """Write the register of shelters and its capacity to a file, without clients and addresses. With people: an export
    that two persons of the desk have approved. Each approval is valid once (guide: leave). Exit 2: refused.
    """
    if with_people:
        _export_people(output, approval, language)
        return
    at = clock.now()
    with acting(at) as act:
        require_real()
        rows = exports.register_rows(act)
    _write(output, write_hsds(rows, at) if form is Form.HSDS else exports.written(rows, form, language))


def _export_people(output: Path, approval: str, language: Language) -> None:
    """Writes the export of people. Creates an empty file first: if the file cannot be written, the approved request is
    not used up.
    """
    with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            with acting() as act:
                found = export_people(act, approval, language)
        except BaseException as wrong:
            output.unlink()
            if isinstance(wrong, PlacementError):
                _stop(say(wrong.code, wrong.facts, language), "export")
            raise
        file.write(found.content)
    typer.echo(f"{output} is written: {', '.join(f'{name} {count}' for name, count in found.counts.items())}", err=True)
    if found.incomplete:
        typer.echo(
            f"! {WORKBOOK} in it lacks a danger, an age or an area of these cases: {', '.join(found.incomplete)}",
            err=True,
        )


def _template(file: Path, language: Language) -> bytes:
    if file.suffix.lower() != ".csv":
        return xlsx_template(language)
    name = PurePath(file).stem
    if name not in SHEETS:
        _stop(f"{name} is no sheet: name the file as one of {', '.join(SHEETS)}, with .csv behind it")
    return csv_template(SHEETS[name], language).encode()


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    typer.echo(f"{file} is written", err=True)


def _stop(why: str, command: str = "import") -> NoReturn:
    typer.echo(f"placement {command}: {why}", err=True)
    raise typer.Exit(WRONG)
