"""Commands about the log: verify, head, grant."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from placement import audit, chain, rights, verifying
from placement.acting import by_command
from placement.audit import Event
from placement.database import Database
from placement.settings import Settings

GOOD, WRONG = 0, 3
_PATIENCE = 2.0  # seconds without a word; then a bar shows how far it is

app = typer.Typer(no_args_is_help=True)


@app.command()
def verify(
    start: Annotated[int, typer.Option("--from", min=1, help="Begin at this line; what is before it is trusted.")] = 1,
) -> None:
    """Make every link of the log again, and compare with the heads kept elsewhere; exit 3 at the first bad line."""
    settings = Settings.from_environment()
    heads = verifying.read_heads(settings.audit_heads)
    with _shown() as watch:
        found = verifying.verify(Database.open(settings), heads, start, watch)
    answer = {"lines": found.lines, "heads": found.heads, "first_bad": found.first_bad, "why": found.why}
    typer.echo(json.dumps(answer))
    if not heads:
        typer.echo(f"no heads in {settings.audit_heads}: that the end was cut off would not be seen", err=True)
    raise typer.Exit(GOOD if found.first_bad is None else WRONG)


@app.command()
def head() -> None:
    """The number and the link of the last line: write it down somewhere else."""
    database = Database.open(Settings.from_environment())
    with database.transaction() as session:
        number, link = chain.head(session)
    typer.echo(json.dumps({"line": number, "link": link}))


@app.command()
def grant(role: Annotated[str, typer.Argument(help="A role of PostgreSQL that owns no table.")]) -> None:
    """Let the service run as this role of PostgreSQL, which can add lines to the log and read them, and no more."""
    settings = Settings.from_environment()
    database = Database.open(settings)
    with database.transaction() as session:
        rights.grant(session, role)
        audit.write(by_command(session, settings), Event.RIGHTS_GRANTED, to=role)
    typer.echo(f"{role} may run the service", err=True)


@contextmanager
def _shown() -> Iterator[Callable[[int, int], None] | None]:
    """On a terminal, and after two seconds: how far it is."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  (takes time to import, and only a terminal needs it)
    from rich.progress import Progress  # noqa: PLC0415  (as above)

    began = time.perf_counter()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("lines of the log", total=None, visible=False)

        def watch(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=time.perf_counter() - began > _PATIENCE)

        yield watch
