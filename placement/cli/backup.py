"""Commands about backups: backup, backup verify, restore."""

import json
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from placement.backup.check import check
from placement.backup.creation import make, make_due
from placement.backup.manifest import Manifest, required
from placement.backup.restore import Wanted
from placement.backup.restore import restore as restore_backup
from placement.cli.store import open_current
from placement.core.context import by_command
from placement.core.settings import Settings

WRONG = 3

app = typer.Typer(invoke_without_command=True, add_completion=False)

_Identities = Annotated[
    list[Path], typer.Option("--identity", exists=True, dir_okay=False, help="A file of age-keygen; may be repeated.")
]
_Keys = Annotated[
    Path | None, typer.Option(exists=True, help="The manifest of the keys; by default the newest beside it.")
]
_Older = Annotated[bool, typer.Option("--older-keys", help="Use keys that are older than the data.")]


@app.callback()
def backup(
    context: typer.Context,
    due: Annotated[bool, typer.Option("--due", help="Make only what is due.")] = False,
    only_keys: Annotated[bool, typer.Option("--only-keys", help="Only the data keys.")] = False,
) -> None:
    """Back up database, data keys, log heads and settings, encrypted with age, into PLACEMENT_BACKUP_FOLDER."""
    if context.invoked_subcommand is not None:
        return
    settings = Settings.from_environment()
    with closing(open_current(left_too=True)) as database:
        act_in = partial(by_command, settings=settings)
        made = make_due(database, settings, act_in) if due else make(database, settings, act_in, only_keys=only_keys)
    if made is None:
        typer.echo("nothing is due", err=True)
        return
    folder = settings.backup_folder
    if made.data is not None:
        typer.echo(f"{folder / made.data.file}: {made.data.size} bytes, {_moments(made)}", err=True)
    typer.echo(f"{folder / made.keys.file}: {made.keys.size} bytes, copied from {made.keys.at} on", err=True)


@app.command()
def verify(
    identity: _Identities,
    manifest: Annotated[Path | None, typer.Argument(exists=True, help="By default the newest.")] = None,
    keys: _Keys = None,
    older_keys: _Older = False,
) -> None:
    """Test a backup: restore it to a temporary place, and decrypt everything in it. Exit 3 if something is wrong."""
    settings = Settings.from_environment()
    found = check(settings, Wanted(required(settings, manifest), identity, keys, older_keys=older_keys))
    typer.echo(json.dumps(found.as_json(), indent=1))
    raise typer.Exit(0 if found.is_good else WRONG)


def restore(
    manifest: Annotated[Path, typer.Argument(exists=True, help="A manifest with data.")],
    identity: _Identities,
    keys: _Keys = None,
    keep_keys: Annotated[bool, typer.Option("--keep-keys", help="Keep the existing key store.")] = False,
    older_keys: _Older = False,
) -> None:
    """Restore a backup into an empty store. Destroyed keys stay destroyed. After an interruption, repeat the command.
    Exit 3: the backup is restored, but the keys of some cases are missing.
    """
    settings = Settings.from_environment()
    found = restore_backup(settings, Wanted(manifest, identity, keys, keep_keys, older_keys))
    source = f"the keys of {found.keys}" if found.keys else "the key store that was there"
    typer.echo(
        f"restored: {found.rows} rows, {found.manifest.line} lines of the log, with {source}; keys destroyed again:"
        f" {found.destroyed}",
        err=True,
    )
    typer.echo(f"{_moments(found.manifest)}: enter again what is missing since the first moment", err=True)
    if found.lines_lost:
        typer.echo(f"{found.lines_lost} later lines of the log, and what they tell of, are not in it", err=True)
    typer.echo("before you open the service: placement retention run, placement audit verify", err=True)
    if found.missing:
        typer.echo(f"their keys are missing, they cannot be read: {', '.join(found.missing)}", err=True)
        raise typer.Exit(WRONG)


def _moments(made: Manifest) -> str:
    until, after = made.complete_until.isoformat(), made.data and made.data.at
    return f"with everything acknowledged before {until} and nothing written after {after}"
