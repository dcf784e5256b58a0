"""The command `placement`: one file a group of commands."""

import sys
from collections.abc import Callable

import typer

from placement.cli import engine, service, store
from placement.errors import Misconfigured

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_COMMANDS: tuple[Callable[..., None], ...] = (
    service.serve,
    service.scheduler,
    service.jobs,
    store.migrate,
    store.seed,
    store.export_problem,
    store.replay,
    engine.match,
    engine.check,
    engine.explain,
    engine.alternatives,
    engine.bottlenecks,
)
for command in _COMMANDS:
    app.command()(command)
app.add_typer(store.keys, name="keys", help="Keys of the encrypted fields.")


def main() -> None:
    """Runs the command; what is wrong with the installation is said in one line, without a traceback."""
    try:
        app()
    except Misconfigured as wrong:
        typer.echo(f"placement: {wrong}", err=True)
        sys.exit(1)
