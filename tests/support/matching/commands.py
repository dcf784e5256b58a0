"""The six commands of the engine, run in this process."""

import typer
from typer.testing import CliRunner

from matching import cli as engine

app = typer.Typer()
for command in (engine.match, engine.check, engine.explain, engine.alternatives, engine.bottlenecks, engine.ways_out):
    app.command(command.__name__.replace("_", "-"))(command)


def run(*args, stdin=None):
    return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin, catch_exceptions=False)
