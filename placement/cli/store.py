"""Commands about stored data: migrate, seed, export-problem, replay."""

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import matching
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.backup.creation import record_made
from placement.core import clock, own_packages
from placement.core.context import Act, by_command
from placement.core.errors import Misconfigured
from placement.core.setting_files import settings_file
from placement.core.settings import Settings
from placement.leave.ended_service import require_not_left
from placement.placements.proposals import proposals
from placement.placements.proposals.frozen_problems import problem_of
from placement.solver.snapshot import snapshot
from placement.storage.database import Database
from placement.storage.store_inspection import Contents, contents_of
from placement.tables import Proposal

_DAYS_BEFORE = 35
"""The number of days before today for which the synthetic country has data. The daily report needs this history."""

Beside = Annotated[int | None, typer.Option(help="Stop when this process, which started us, has ended.")]
Output = Annotated[Path | None, typer.Option(help="Write to this file instead of standard output.")]


class Size(StrEnum):
    NATIONAL = "national"
    SMALL = "small"


def migrate(
    to: Annotated[
        str | None, typer.Option(metavar="REVISION", help="Bring the tables back to this revision of an older version.")
    ] = None,
) -> None:
    """Bring the database to the newest schema. The command is harmless if the database already has it."""
    with closing(Database.open(Settings.from_environment())) as database:
        database.migrate(to)
    typer.echo(f"the database has {f'revision {to}' if to else 'the newest version'}", err=True)


def seed(
    size: Annotated[Size, typer.Option(help="A country, or three shelters.")] = Size.NATIONAL,
    seed: Annotated[int, typer.Option(help="The same number gives the same country.")] = 1,
) -> None:
    """Fill an unused store with a synthetic Netherlands. The credentials go to var/demo-credentials.json."""
    own_packages.demo()
    settings = Settings.from_environment()
    found = contents_of(settings)
    if found.is_used:
        raise in_use(found, settings)
    with closing(Database.open(settings)) as database:
        database.migrate()
        file = seed_into(database, settings, size, seed)
    typer.echo(f"a synthetic Netherlands is there; keys and accounts for trying it: {file}", err=True)


def backup_made() -> None:
    """Record that a backup was made without `placement backup`. (`placement backup` records its own backups.)"""
    with acting() as act:
        record_made(act, act.at)
    typer.echo("recorded: a backup was made", err=True)


def export_problem(output: Output = None) -> None:
    """Write the engine's current problem: all waiting registrations, and every bed. The file contains danger points."""
    with acting() as act:
        problem = snapshot(act).problem
        audit_log.write(act, Event.PROBLEM_EXPORTED, shown=[registration.id for registration in problem.registrations])
    written = matching.write_problem(problem)
    if output is None:
        typer.echo(written)
    else:
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(written)


def replay(proposal: Annotated[str, typer.Argument(help="The id of a proposal.")]) -> None:
    """Solve the stored problem of a proposal again. Exit 3 if the answer differs."""
    with acting() as act:
        found = act.session.get(Proposal, proposal)
        if found is None:
            raise Misconfigured(f"there is no proposal {proposal}")
        if found.advice is None:
            raise Misconfigured(f"what {proposal} was made from was erased when its time had passed (guide: retention)")
        audit_log.write(act, Event.PROPOSAL_READ, registration=found.registration_id, subject=found.id)
        problem = problem_of(act.session, found)
    then, now = proposals.advice_of(found).solution, proposals.replay(problem, found.registration_id).solution
    same = _timeless(then) == _timeless(now)
    answer = {"proposal": found.id, "same": same, "then": then.objective, "now": now.objective}
    typer.echo(json.dumps(answer))
    raise typer.Exit(0 if same else 3)


def in_use(found: Contents, settings: Settings) -> Misconfigured:
    """Returns the error that explains why the synthetic country cannot be loaded into this store, with a remedy."""
    if found.synthetic:
        return Misconfigured(
            "the synthetic country is in this store already, with accounts whose passwords are in "
            f"{credentials_file(settings)}. Serve it with `placement serve --demo`, or name an empty store with "
            "DATABASE_URL and PLACEMENT_VAR"
        )
    held = ", ".join(f"{table}: {rows}" for table, rows in found.rows.items() if rows)
    begun = f"`placement init` was begun for it ({settings_file(settings.var)})" if found.is_begun else ""
    return Misconfigured(
        f"this store is not empty: somebody has begun to use it ({'; '.join(filter(None, (held, begun)))}). "
        "The synthetic country goes into an empty store only: its accounts would open what is real. "
        "Name an empty one with DATABASE_URL and PLACEMENT_VAR, or serve this one without --demo"
    )


def credentials_file(settings: Settings) -> Path:
    return settings.var / "demo-credentials.json"


def seed_into(database: Database, settings: Settings, size: Size, number: int) -> Path:
    """Loads the synthetic country, and writes its random credentials to a file that only its owner can read."""
    load = own_packages.demo().load()
    days = _DAYS_BEFORE if size is Size.NATIONAL else 0
    credentials = load(database, settings, size=size.value, seed=number, at=clock.now(), days_before=days)
    file = credentials_file(settings)
    settings.var.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(credentials.as_json(), out, indent=1)
    return file


def open_current(*, left_too: bool = False) -> Database:
    """Returns the database, if it can be used. `left_too`: true allows a database whose data keys `placement leave`
    destroyed.
    """
    database = Database.open(Settings.from_environment())
    try:
        database.require_usable()
        if not left_too:
            with database.transaction() as session:
                require_not_left(session)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def acting(at: datetime | None = None) -> Iterator[Act]:
    """Yields an act of the operator at the command line, in a transaction. `at`: the time of the act; `None`: now."""
    with closing(open_current()) as database, database.transaction() as session:
        yield by_command(session, Settings.from_environment(), at)


def _timeless(solution: matching.Solution) -> dict[str, object]:
    """Returns the solution without its computing time, because a replay cannot reproduce that time."""
    written: dict[str, object] = json.loads(matching.write_solution(solution))
    del written["seconds"]
    return written
