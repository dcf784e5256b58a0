"""Commands about the audit log: verify, accept-rows, seal, head, grant, new-key, prune."""

import json
from contextlib import closing
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from matching.progress_bar import progress_bar
from placement.audit import database_grants, log_key, row_check, verification
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import by_command
from placement.core.settings import Settings
from placement.crypto.key_files import key_files
from placement.retention import log_truncation
from placement.storage import hash_chain
from placement.storage.database import Database
from placement.storage.watch import Mark, lost_of, newest_of, watch_of

GOOD, WRONG = 0, 3

_shown = partial(progress_bar, "lines of the log", patience=2.0)

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The audit log: verify it, see its head, grant its rights."
)


@app.command()
def verify(
    start: Annotated[int, typer.Option("--from", min=1, help="Begin at this line, and trust all earlier lines.")] = 1,
) -> None:
    """Verify every link of the log, and compare the log with its stored heads. Exit 3 at the first bad audit event."""
    settings = Settings.from_environment()
    heads = verification.read_heads(settings.audit_heads)
    with closing(Database.open(settings)) as database, _shown() as watch:
        states = watch_of(database.engine.dialect).states(database.audit_keys)
        found, rows = row_check.verify(database, heads, start, watch)
        with database.transaction() as session:
            lost = lost_of(session, states, Mark(*hash_chain.head(session)))
    restored = newest_of(states).restored
    answer = {
        "lines": found.lines,
        "unsealed": found.unsealed,
        "heads": found.heads,
        "first_bad": found.first_bad,
        "why": found.why,
        "rows": rows.rows,
        "seals_broken": list(rows.broken),
        "not_as_logged": list(rows.others),
        "rows_differ": rows.differ,
        "put_back": lost and lost.line,
        "restored": restored and asdict(restored),
    }
    typer.echo(json.dumps(answer))
    if not heads:
        typer.echo(f"no heads in {settings.audit_heads}: that the end was cut off would not be seen", err=True)
    raise typer.Exit(GOOD if found.first_bad is None and rows.is_good and lost is None else WRONG)


@app.command("accept-rows")
def accept_rows(
    rows: Annotated[list[str], typer.Argument(help="Rows as `audit verify` names them: account/A-...")],
) -> None:
    """Accept rows that were changed outside the service, with their present values. They get a seal, and the log
    records the act.
    """
    settings = Settings.from_environment()
    with closing(Database.open(settings)) as database, database.transaction() as session:
        row_check.accept(by_command(session, settings), rows)
    typer.echo(f"accepted as they stand: {', '.join(rows)}", err=True)


@app.command()
def seal() -> None:
    """Add stored audit events to the chain (PostgreSQL). The running service also does this by itself."""
    with closing(Database.open(Settings.from_environment())) as database:
        database.seal_log()


@app.command()
def head() -> None:
    """Print the number and the link of the last audit event, so that you can store them in another place."""
    with closing(Database.open(Settings.from_environment())) as database, database.transaction() as session:
        number, link = hash_chain.head(session)
    typer.echo(json.dumps({"line": number, "link": link}))


@app.command()
def grant(role: Annotated[str, typer.Argument(help="A role of PostgreSQL that owns no table.")]) -> None:
    """Allow a role of PostgreSQL to run the service. The role can only insert and read audit events."""
    settings = Settings.from_environment()
    with closing(Database.open(settings)) as database, database.transaction() as session:
        database_grants.grant(session, role)
        audit_log.write(by_command(session, settings), Event.RIGHTS_GRANTED, to=role)
    typer.echo(f"{role} may run the service", err=True)


@app.command("new-key")
def new_key() -> None:
    """Replace the key of the log. The old key is kept for verification. The service may keep running. If the key is in
    the environment, first put a new key in front of it, and restart the service.
    """
    settings = Settings.from_environment()
    _, file = key_files(settings)
    with closing(Database.open(settings)) as database, database.transaction() as session:
        act = by_command(session, settings)
        if settings.audit_key_file is not None and not log_key.is_due(act, database.audit_keys):
            file.add()
            database.audit_keys.read_again()
        name = log_key.replace(act, database.audit_keys)
    typer.echo(f"the log goes on with the key named {name}; keep the old one, behind it, for verifying", err=True)


@app.command("prune")
def truncate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print how far; change nothing.")] = False,
) -> None:
    """Delete audit events that are older than five years, after verifying the whole log. Exit 3 if the log has a fault.
    On PostgreSQL, run this command as the owner of the tables. The role of the service may not delete.
    """
    settings = Settings.from_environment()
    with closing(Database.open(settings)) as database:
        with _shown() as watch:
            found = verification.verify(database, verification.read_heads(settings.audit_heads), 1, watch)
        if found.first_bad is not None:
            typer.echo(f"nothing was deleted: line {found.first_bad} is bad ({found.why})", err=True)
            raise typer.Exit(WRONG)
        with database.transaction() as session:
            act = by_command(session, settings)
            through = log_truncation.last_due(act) if dry_run else log_truncation.announce(act, database.audit_keys)
        gone = 0 if dry_run else log_truncation.delete_through(database, through)
    typer.echo(json.dumps({"through": through, "deleted": gone}))
