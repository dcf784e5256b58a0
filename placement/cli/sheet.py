"""The command `sheet`: facts that the desk needs in an outage, encrypted for the recipients in the settings."""

from pathlib import Path
from typing import Annotated

import typer

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.cli.store import acting
from placement.notifications import duty_sheet
from placement.text.catalogue import DEFAULT, Offered


def sheet(
    folder: Annotated[Path, typer.Option("--to", help="The folder in which the file is put.")] = Path(),
    language: Annotated[Offered, typer.Option("--lang", help="The language of the words.")] = DEFAULT,
) -> None:
    """Write the sheet with today's free beds by unit, the persons on call, and telephone numbers. It contains no
    clients and no cases. The sheet is encrypted for PLACEMENT_SHEET_FOR (age). Without that setting, the command is
    refused.
    """
    with acting() as act:
        content, file = duty_sheet.encrypted(act, language), folder / duty_sheet.file_name(act)
        audit_log.write(act, Event.SHEET_MADE, on=act.day.isoformat())
    file.write_bytes(content)
    typer.echo(file)
