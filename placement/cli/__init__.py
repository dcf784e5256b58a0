"""The command `placement`. Each group of commands has a file. The file is loaded when a command of the group is called.
Commands of the engine need no database. Without loading the database code, they start in a third of the time.
"""

import gc
import sys
import time
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Annotated, Any, NoReturn

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
    "match": "matching.cli",
    "check": "matching.cli",
    "explain": "matching.cli",
    "alternatives": "matching.cli",
    "bottlenecks": "matching.cli",
    "ways-out": "matching.cli",
}
"""The module that contains each command. The function has the name of the command, except `import_`, because `import`
is a keyword of Python.
"""
_GROUPS = ("keys", "retention", "audit", "messages", "accounts", "backup", "practice")
"""Groups of commands. Each group is a module, whose `app` contains its commands."""


class _Commands(Mapping[str, object]):
    """The commands, in order. The module of a command is imported when the command is looked up."""

    def __iter__(self) -> Iterator[str]:
        return iter((*_COMMANDS, *_GROUPS))

    def __len__(self) -> int:
        return len(_COMMANDS) + len(_GROUPS)

    def __getitem__(self, name: str) -> object:
        module = name if name in _GROUPS else _COMMANDS[name]
        file = import_module(module if "." in module else f"placement.cli.{module}")
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
"""The number of new objects between two garbage collections. Imports make many objects that live until the end. With
Python's default (700), scanning these objects again and again takes a sixth of the time of a short command.
"""

app = typer.Typer(cls=_Loaded, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _print_version(asked: bool) -> None:
    if asked:
        from placement.core import version  # noqa: PLC0415 - reads the package's metadata, which no other command needs

        typer.echo(f"placement {version.shown()}")
        raise typer.Exit


@app.callback()
def placement(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Shelter capacity and placement matching."""


def main() -> None:
    """Runs the command. Prints an error of the installation in a single line without traceback. Only the owner can read
    the files that the command writes.

    The context object of a command is the time at which the process began, on the monotonic clock. Time limits are
    counted from that time.
    """
    make_for_owner_alone()
    gc.set_threshold(_COLLECTED_EVERY)
    try:
        app(obj=time.monotonic() - time.process_time())
    except Misconfigured as wrong:
        _stop(str(wrong))
    except Exception as wrong:
        if isinstance(wrong, ImportError | AttributeError):
            from placement.core.own_packages import foreign  # noqa: PLC0415 - after a fault only

            if (why := foreign()) is not None:
                _stop(why)
        from placement.cli.faults import message_of  # noqa: PLC0415 - takes the database's libraries, which few commands need

        if (why := message_of(wrong)) is None:
            raise
        _stop(why)


def _stop(why: str) -> NoReturn:
    typer.echo(f"placement: {why}", err=True)
    sys.exit(1)
