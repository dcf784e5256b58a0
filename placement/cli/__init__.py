"""The command `placement`: one file a group of commands."""

import typer

from placement.cli import engine

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (engine.match, engine.check, engine.explain, engine.alternatives, engine.bottlenecks):
    app.command()(command)


def main() -> None:
    app()
