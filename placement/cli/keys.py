"""Commands about keys: new (the service's, and that of the audit log), rotate and retire (the service's)."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import typer

from placement.audit import key_rotation
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.cli.store import open_current
from placement.core import clock
from placement.core.codes import StoreFact
from placement.core.context import by_command
from placement.core.errors import Misconfigured
from placement.core.settings import Settings, audit_key_file, key_file
from placement.crypto.key_ring import add_key, keep_newest, new_key_file
from placement.storage import field_sealing, hash_chain, store_records
from placement.storage.database import Database

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def _keys() -> None:
    """Keys of the encrypted fields, and of the audit log."""


@app.command("new")
def new_key() -> None:
    """Make the keys in var/keys that are not there: of the encrypted fields, and of the log. Keep a copy elsewhere."""
    for file in new_keys(Settings.from_environment()):
        typer.echo(f"the key is in {file}", err=True)


def new_keys(settings: Settings) -> list[Path]:
    """Makes the files of those keys that no setting gives; returns the files that exist now."""
    made = []
    if not settings.field_keys or key_file(settings.var).exists():
        made.append(new_key_file(settings.var))
    if not settings.audit_key or audit_key_file(settings.var).exists():
        made.append(hash_chain.new_key_file(settings.var))
    return made


@app.command()
def rotate() -> None:
    """Make a new key, and encrypt everything with it. The service may run meanwhile; after an interruption, run it
    again.

    Keys that come from the environment are not changed: put a new one in front first, and start the service again.
    """
    settings = Settings.from_environment()
    if settings.field_key_file is not None and settings.field_keys:
        add_key(settings.field_key_file)
    with closing(open_current()) as database:
        with database.transaction() as session:
            key_rotation.remove_unused(by_command(session, settings))
        with _shown() as report:
            renewed = key_rotation.renew(database, report)
        _log(database, settings, Event.KEYS_ROTATED, renewed)
        with database.transaction() as session:
            lost = field_sealing.missing_keys(session)
    if lost:
        typer.echo(f"passed over, as their keys are missing or damaged: {', '.join(lost)}", err=True)
    typer.echo(f"everything is encrypted with the newest key; encrypted anew: {renewed}", err=True)


@app.command()
def copied() -> None:
    """Record that the newest keys were copied to another place; the page Set up asks for it until then."""
    settings = Settings.from_environment()
    with closing(open_current()) as database, database.transaction() as session:
        act = by_command(session, settings)
        detail = store_records.fingerprint_of_keys(settings)
        store_records.record(session, StoreFact.KEYS_COPIED, act.at, detail)
        audit_log.write(act, Event.STORE_RECORDED, fact=StoreFact.KEYS_COPIED.value)
    typer.echo("recorded: the newest keys have a copy elsewhere", err=True)


@app.command()
def missing() -> None:
    """Name the cases, proposals and days whose key is not in the key store. Exit 3 where there are any."""
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
    """Drop the old keys, once nothing is encrypted with them. Exit 3 when something still is."""
    settings = Settings.from_environment()
    with closing(open_current()) as database:
        needy = key_rotation.in_need_of_old_keys(database)
        if needy:
            typer.echo(f"still encrypted with an old key: {needy}; run `placement keys rotate`", err=True)
            raise typer.Exit(3)
        if settings.field_key_file is None:
            typer.echo("nothing needs any key but the first: take the others out of PLACEMENT_FIELD_KEYS", err=True)
            return
        if len(settings.field_keys) == 1:
            raise Misconfigured("there is one key only: make a new one with `placement keys rotate` first")
        keep_newest(settings.field_key_file, clock.now())
        _log(database, settings, Event.KEYS_RETIRED, len(settings.field_keys) - 1)
    typer.echo("the old keys are gone; destroy their copies too", err=True)


def _log(database: Database, settings: Settings, event: Event, count: int) -> None:
    with database.transaction() as session:
        audit_log.write(by_command(session, settings), event, count=count)


@contextmanager
def _shown() -> Iterator[Callable[[int, int], None]]:
    """A progress bar, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _seen, _total: None
        return
    from rich.console import Console  # noqa: PLC0415 - takes time to import, and only a terminal needs it
    from rich.progress import Progress  # noqa: PLC0415 - as above

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("encrypting anew", total=None)
        yield lambda seen, total: bar.update(task, completed=seen, total=total)
