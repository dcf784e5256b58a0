"""The command `report`: the capacity report of a day, in the form that a role sees. If today's report is missing, the
command makes it.
"""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from placement.access.permissions import Permission
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.cli.store import Output, open_current
from placement.core import clock
from placement.core.codes import Role, Sees
from placement.core.context import Actor, by_command
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.settings import Settings
from placement.reports import engine_causes
from placement.reports import store as report_store
from placement.reports.model import Report
from placement.reports.render.csv import csv_of, dictionary_csv
from placement.reports.render.html import document_of
from placement.reports.render.pdf import pdf_of
from placement.text.catalogue import DEFAULT, SOURCE, Language, Offered
from placement.text.messages import say

WRONG = 2
_READERS = tuple(Permission.REPORT_READ.reach)


class Form(StrEnum):
    JSON = "json"
    CSV = "csv"
    PDF = "pdf"
    HTML = "html"
    DICTIONARY = "dictionary"


def report(
    *,
    on: Annotated[str, typer.Option(help="The day, such as 2026-11-24.")],
    role: Annotated[
        str, typer.Option("--as", help=f"As this role sees it: {', '.join(_READERS)}.")
    ] = Role.READER.value,
    form: Annotated[Form, typer.Option("--format", help="`dictionary`: the meaning of each figure.")] = Form.JSON,
    region: Annotated[list[str] | None, typer.Option(help="An area of a coordinator; may be repeated.")] = None,
    shelter: Annotated[str | None, typer.Option(help="The id of a shelter, for its own report.")] = None,
    correct: Annotated[
        bool, typer.Option("--correct", help="First make a new version of the day, from what is known now.")
    ] = False,
    language: Annotated[Offered, typer.Option(help="For PDF, HTML and dictionary.")] = DEFAULT,
    output: Output = None,
) -> None:
    """Write the capacity report of a day. Today's report is made if it is missing. Exit 2 for a wrong day or role."""
    reader = _reader(role, frozenset(region or ()), shelter)
    day = _day(on)
    if form is Form.DICTIONARY:
        _write(dictionary_csv(language), output)
        return
    database, settings = open_current(), Settings.from_environment()
    at = clock.now()
    blocking_causes = engine_causes.ask(database, settings, at) if day == clock.day_of(at) else None
    try:
        with database.transaction() as session:
            act = by_command(session, settings, at)
            stored = (
                report_store.make(act, day, blocking_causes) if day == act.day else report_store.stored_on(act, day)
            )
            if correct:
                stored = report_store.correct(act, day)
            audit_log.write(act, Event.REPORT_READ, on=day.isoformat(), version=stored.version, as_role=reader.role)
    except Invalid as wrong:
        _stop(say(wrong.faults[0].code, wrong.faults[0].facts, SOURCE))
    except Conflict as same:
        _stop(say(same.code, same.facts, SOURCE))
    except NotFound:
        _stop(f"there is no report of {day.isoformat()}")
    _write(_in_form(report_store.seen_by(reader, stored), form, language), output)


def _in_form(visible: Report, form: Form, language: Language) -> str | bytes:
    match form:
        case Form.PDF:
            return pdf_of(visible, language)
        case Form.HTML:
            return document_of(visible, language)
        case Form.CSV:
            return csv_of(visible)
        case _:
            return visible.model_dump_json(indent=1)


def _reader(role: str, regions: frozenset[str], shelter: str | None) -> Actor:
    if role not in _READERS:
        _stop(f"no reader of the report is called {role!r}; there are: {', '.join(_READERS)}")
    sees = Role(role).sees
    if (sees is Sees.REGIONS) != bool(regions):
        _stop("a coordinator has a region, and nobody else: --region amsterdam")
    if (sees is Sees.SHELTER) != bool(shelter):
        _stop("a shelter has an id, and nobody else: --shelter S01")
    return Actor("os", Role(role), regions=regions, shelter_id=shelter)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        _stop(f"{written!r} is not a day; write it as 2026-11-24")


def _write(written: str | bytes, output: Path | None) -> None:
    content = written.encode() if isinstance(written, str) else written
    if output is None:
        typer.echo(content, nl=isinstance(written, str))
    else:
        output.write_bytes(content)


def _stop(why: str) -> NoReturn:
    typer.echo(f"placement report: {why}", err=True)
    raise typer.Exit(WRONG)
