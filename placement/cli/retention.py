"""Commands about retention: run, report, register."""

import json
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from placement.cli.store import open_current
from placement.core import clock
from placement.core.context import by_command
from placement.core.settings import Settings
from placement.retention import job as retention_job
from placement.retention import processing_register
from placement.retention.job import KindStatus
from placement.retention.schedule import SCHEDULE
from placement.retention.schedule_text import in_words
from placement.text.catalogue import SOURCE

app = typer.Typer(no_args_is_help=True, add_completion=False)

_WIDE = 200
"""The width of tables in columns. A narrower terminal wraps the lines. If tables were fitted to the terminal, the days
would be left out.
"""

AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%SZ"], help="As if it were this moment (UTC).")]


@app.callback()
def _retention() -> None:
    """Retention: which data is kept, and for how long."""


@app.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print its effect; change nothing.")] = False,
    as_of: AsOf = None,
) -> None:
    """Erase or anonymise everything that is due. The scheduler does the same, with a batch of each kind per hour."""
    settings, at = Settings.from_environment(), _moment(as_of)
    gone = dict.fromkeys((kind.name for kind in SCHEDULE if kind.erase is not None), 0)
    with closing(open_current(left_too=True)) as database:
        if dry_run:
            gone |= {row.kind.name: row.due for row in retention_job.statuses(database, at) if row.kind.name in gone}
        else:
            typed = partial(by_command, settings=settings, at=at)
            for kind, erased in retention_job.erase_everything_due(database, typed):
                gone[kind.name] += erased
    typer.echo(json.dumps({"as_of": at.isoformat(), "would_go" if dry_run else "gone": gone}))


@app.command()
def report(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False, as_of: AsOf = None
) -> None:
    """Print for each kind the number of rows, the oldest row, how many rows are due, and when the next row is due. Exit
    3 if a row is late. A row is late if it has been due for more than a day, which means that the daily job failed.
    """
    at = _moment(as_of)
    with closing(open_current(left_too=True)) as database:
        rows = retention_job.statuses(database, at)
    if as_json:
        typer.echo(json.dumps({"as_of": at.isoformat(), "kinds": [_plain(row) for row in rows]}, indent=1))
    else:
        _print_table(rows)
    raise typer.Exit(3 if any(retention_job.is_late(row, at) for row in rows) else 0)


@app.command()
def register() -> None:
    """Print the register of processing as a table in Markdown, generated from the tables."""
    typer.echo(processing_register.register())


def _moment(as_of: datetime | None) -> datetime:
    return as_of.replace(tzinfo=UTC) if as_of else clock.now()


def _plain(row: KindStatus) -> dict[str, object]:
    kind = row.kind
    what, since, why = in_words(kind, SOURCE)
    return {
        "kind": kind.name,
        "what": what,
        "days": None if kind.term is None else kind.term.days,
        "since": since,
        "fate": kind.fate.value,
        "why": why,
        "assumed": kind.assumed,
        "count": row.count,
        "oldest": row.oldest and row.oldest.isoformat(),
        "due": row.due,
        "kept_by_legal_hold": row.barred,
        "next_due": row.next_due and row.next_due.isoformat(),
    }


def _print_table(rows: list[KindStatus]) -> None:
    from rich.console import Console  # noqa: PLC0415 - takes time to import
    from rich.table import Column, Table  # noqa: PLC0415 - as above

    named = Column("kind", no_wrap=True)
    table = Table(named, "kept (days)", "then", "there are", "oldest", "due", "on hold", "next due", box=None)
    for row in rows:
        kind = row.kind
        term = "-" if kind.term is None else f"{kind.term.days}{' assumed' if kind.assumed else ''}"
        days = [f"{moment:%Y-%m-%d}" if moment else "-" for moment in (row.oldest, row.next_due)]
        table.add_row(kind.name, term, kind.fate.value, str(row.count), days[0], str(row.due), str(row.barred), days[1])
    Console(width=_WIDE).print(table)
