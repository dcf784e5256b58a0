"""Commands about keys, in files or in a token: new, check, rotate, retire, move."""

import json
from contextlib import closing
from typing import Annotated

import typer

from matching.progress_bar import progress_bar
from placement.accounts import key_rotations
from placement.audit import key_overview, key_rotation, service_keys
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.cli.store import acting, open_current
from placement.core import clock
from placement.core.codes import StoreFact
from placement.core.context import by_command
from placement.core.settings import Settings
from placement.crypto import key_files
from placement.storage import field_sealing, store_records
from placement.storage.database import Database

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def _keys() -> None:
    """Keys of the encrypted fields, and of the audit log."""


@app.command("new")
def new_key() -> None:
    """Make the missing keys in the token, for the encrypted fields and for the log. Keep a copy of the keys in another
    place.
    """
    for file in service_keys.make(Settings.from_environment()):
        typer.echo(f"the key is in {file}", err=True)


@app.command()
def rotate(
    approval: Annotated[str | None, typer.Option(help="The id of the granted request.")] = None,
) -> None:
    """Make new keys, and encrypt everything with them. The service may keep running. After an interruption, run the
    command again. If the keys are in the environment, first put a new key in front of the old key, and restart the
    service.
    """
    settings = Settings.from_environment()
    with closing(open_current()) as database:  # before anything is made
        if approval is not None:
            with database.transaction() as session:
                key_rotations.require_granted(by_command(session, settings), approval)
        service_keys.begin_rotation(settings)
    with closing(open_current()) as database:
        with database.transaction() as session:
            key_rotation.remove_unused(by_command(session, settings))
        with progress_bar("encrypting anew") as report:
            renewed = key_rotation.renew(database, report)
        _log(database, settings, Event.KEYS_ROTATED, renewed)
        if approval is not None:
            with database.transaction() as session:
                key_rotations.carried_out(by_command(session, settings), approval)
        with database.transaction() as session:
            lost = field_sealing.missing_keys(session)
    if lost:
        typer.echo(f"passed over, as their keys are missing or damaged: {', '.join(lost)}", err=True)
    typer.echo(f"everything is encrypted with the newest key; encrypted anew: {renewed}", err=True)


@app.command()
def move() -> None:
    """Move the service's keys from its files into the token of PLACEMENT_KEY_TOKEN. Stop the service first. Safe to
    repeat. Exit 3 if a data key can be opened neither with the token nor with the files.
    """
    settings = Settings.from_environment()
    with closing(Database.open(settings)) as database:
        moved, lost = service_keys.move(database, settings)
        if moved:
            _log(database, settings, Event.KEYS_MOVED, moved)
    typer.echo(f"wrapped by the token: {moved}", err=True)
    if lost:
        typer.echo(f"missing or damaged: {', '.join(lost)}; put them back, and run this again", err=True)
        raise typer.Exit(3)
    if moved:
        typer.echo(
            "the old keys were in clear on this disk: run `placement keys rotate` and `placement audit new-key`, after"
            " ten minutes `placement keys retire`, and destroy their copies",
            err=True,
        )


@app.command()
def check() -> None:
    """Show which keys exist, and whether the token answers. Exit 3 if the token does not answer, a data key is missing,
    data needs an old key, or a draft of a key exists. A killed process leaves such a draft; it is not a key, and is
    deleted at the next start.
    """
    with acting() as act:
        found = key_overview.overview(act)
    drafts = [str(draft) for draft in key_files.drafts(act.settings)]
    typer.echo(json.dumps({**found.as_json(), "drafts": drafts}, indent=1))
    if found.missing or found.older or drafts or not found.answers:
        raise typer.Exit(3)


@app.command()
def copied() -> None:
    """Record that the newest keys were copied to another place. Until then, the page Set up asks for a copy."""
    with acting() as act:
        detail = store_records.fingerprint_of_keys(act.settings)
        store_records.record(act.session, StoreFact.KEYS_COPIED, act.at, detail)
        audit_log.write(act, Event.STORE_RECORDED, fact=StoreFact.KEYS_COPIED.value)
    typer.echo("recorded: the newest keys have a copy elsewhere", err=True)


@app.command()
def missing() -> None:
    """List the cases, proposals and days whose key is missing from the key store. Exit 3 if a key is missing."""
    with closing(open_current()) as database, database.transaction() as session:
        found = field_sealing.missing_keys(session)
    for owner in found:
        typer.echo(owner)
    if found:
        typer.echo(f"{len(found)} keys are missing: put them back from the backups of the key store", err=True)
        raise typer.Exit(3)
    typer.echo("every key is there", err=True)


@app.command()
def retire() -> None:
    """Drop the old keys if nothing is encrypted with them any more. Exit 3 if something is still encrypted with an old
    key.
    """
    settings = Settings.from_environment()
    with closing(open_current()) as database:
        needy = service_keys.in_need_of_old_keys(database, settings)
        if needy:
            typer.echo(f"still encrypted with an old key: {needy}; run `placement keys rotate`", err=True)
            raise typer.Exit(3)
        if settings.field_key_file is None:
            typer.echo("nothing needs any key but the first: take the others out of PLACEMENT_FIELD_KEYS", err=True)
            return
        _log(database, settings, Event.KEYS_RETIRED, service_keys.retire(settings, clock.now()))
    typer.echo(
        "the old keys are gone; a backup from before opens with their copies alone: destroy these with the last one",
        err=True,
    )


def _log(database: Database, settings: Settings, event: Event, count: int) -> None:
    with database.transaction() as session:
        audit_log.write(by_command(session, settings), event, count=count)
