"""The command that ends the use of the service: leave."""

import json
import time
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from placement.cli.store import open_current
from placement.core import clock, run_folder
from placement.core.context import by_command
from placement.core.errors import Misconfigured, PlacementError
from placement.core.settings import Settings
from placement.jobs import periodic
from placement.leave.certificate import in_words
from placement.leave.destruction import destroy_everything
from placement.storage.database import Database
from placement.text.catalogue import SOURCE, Offered
from placement.text.messages import say

REFUSED = 2
_LATELY = timedelta(minutes=1)
_LOOKS = 15
"""The seconds for which `leave` watches whether jobs run. The most frequent job runs every five seconds."""


def leave(
    approval: Annotated[str, typer.Option(help="The id of the granted request.")],
    certificate: Annotated[Path, typer.Option(help="The certificate (JSON), with a text (.txt) beside it.")],
    language: Annotated[Offered, typer.Option("--lang", help="The language of the text.")] = SOURCE,
) -> None:
    """Destroy every data key for good, and write the certificate. Stop the service first. After an interruption, run
    the command again. Exit 2: refused.
    """
    settings = Settings.from_environment()
    _require_stopped(settings)
    try:
        with closing(open_current(left_too=True)) as database:
            _require_idle(database)
            found = destroy_everything(database, partial(by_command, settings=settings), approval)
    except PlacementError as wrong:
        typer.echo(f"placement leave: {say(wrong.code, wrong.facts, language)}", err=True)
        raise typer.Exit(REFUSED) from wrong
    certificate.write_text(json.dumps(found.as_json(), indent=1) + "\n")
    text = certificate.with_suffix(".txt")
    text.write_text(in_words(found, language))
    typer.echo(f"every data key is destroyed: {certificate}, {text}", err=True)


def _require_stopped(settings: Settings) -> None:
    """Raises `Misconfigured` if a service runs with this folder, because it would make new keys meanwhile."""
    if run_folder.is_held(settings.run):
        raise Misconfigured(f"the service runs (with {settings.run}): stop it first, here and on other machines")


def _require_idle(database: Database) -> None:
    """Raises `Misconfigured` if a service on another machine runs jobs on this database."""
    known = _newest_slot(database)
    if known is None or known < clock.now() - _LATELY:
        return
    typer.echo(f"jobs ran a moment ago: for {_LOOKS} seconds it is seen whether a service goes on elsewhere", err=True)
    for _ in range(_LOOKS):
        time.sleep(1)
        if _newest_slot(database) != known:
            raise Misconfigured("a service on another machine works with this database: stop it there, too")


def _newest_slot(database: Database) -> datetime | None:
    with database.transaction() as session:
        return periodic.newest_slot(session, clock.now())
