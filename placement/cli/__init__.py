"""The command `placement`: a file for each group of commands, loaded when a command of the group is called.

A command of the engine needs no database, and starting without it takes a third of the time.
"""

import gc
import sys
import time
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command

from placement.core.errors import Misconfigured
from placement.core.own_files import make_for_owner_alone

_COMMANDS = {
    "init": "init",
    "serve": "service",
    "scheduler": "service",
    "jobs": "service",
    "migrate": "store",
    "seed": "store",
    "backup-made": "store",
    "restore": "backup",
    "doctor": "doctor",
    "import": "exchange",
    "export": "exchange",
    "leave": "leave",
    "export-problem": "store",
    "replay": "store",
    "report": "report",
    "sheet": "sheet",
    "match": "engine",
    "check": "engine",
    "explain": "engine",
    "alternatives": "engine",
    "bottlenecks": "engine",
    "ways-out": "engine",
}
"""The file of each command, in which a function has the same name (`import_`, since `import` is a word of Python)."""
_GROUPS = ("keys", "retention", "audit", "messages", "accounts", "backup")
"""Groups of commands: a file each, whose `app` has its commands."""


class _Commands(Mapping[str, object]):
    """The commands in their order, each imported when it is looked up."""

    def __iter__(self) -> Iterator[str]:
        return iter((*_COMMANDS, *_GROUPS))

    def __len__(self) -> int:
        return len(_COMMANDS) + len(_GROUPS)

    def __getitem__(self, name: str) -> object:
        file = import_module(f"placement.cli.{name if name in _GROUPS else _COMMANDS[name]}")
        if name in _GROUPS:
            made = file.app
        else:
            made = typer.Typer(add_completion=False)
            made.command()(getattr(file, "import_" if name == "import" else name.replace("-", "_")))
        command = get_command(made)
        command.name = name
        return command


class _Loaded(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": _Commands()})


_COLLECTED_EVERY = 50_000
"""New objects between two garbage collections. Importing and reading make many objects that stay: with Python's own
700, looking at them again and again takes a sixth of a short command.
"""

app = typer.Typer(cls=_Loaded, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def placement() -> None:
    """Shelter capacity and placement matching."""


def main() -> None:
    """Runs the command. Reports an error of the installation in a line, without a traceback. Files that the command
    writes can be read by their owner alone. The context of the command is the moment on the monotonic clock at which
    the process began, since time limits count from there.
    """
    make_for_owner_alone()
    gc.set_threshold(_COLLECTED_EVERY)
    try:
        app(obj=time.monotonic() - time.process_time())
    except Misconfigured as wrong:
        _stop(str(wrong))
    except Exception as wrong:
        from placement.cli.faults import message_of  # noqa: PLC0415 - takes the database's libraries, which few commands need

        if (why := message_of(wrong)) is None:
            raise
        _stop(why)


def _stop(why: str) -> NoReturn:
    typer.echo(f"placement: {why}", err=True)
    sys.exit(1)
