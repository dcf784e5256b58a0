"""Commands about the practice room: start, stop, reset, status."""

import os
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from placement.cli.practice_keeper import Keeper
from placement.cli.store import Beside
from placement.core.child_processes import end_with
from placement.core.errors import Misconfigured
from placement.core.practice_codes import RoomState, SceneCode
from placement.core.practice_variables import practice_variables
from placement.core.setting_files import lock_file, practice_folder
from placement.core.settings import LOOPBACK, Settings
from placement.practice import clock_moves, making, room
from placement.practice.room import Asked

app = typer.Typer(no_args_is_help=True, add_completion=False)
_ENDS_WITHIN_SECONDS = 30.0
_Scene = Annotated[SceneCode, typer.Option(help="The scene that begins.")]


@app.callback()
def _practice() -> None:
    """A practice room beside the real service: nobody in it is real, and nothing of it is sent."""


@app.command()
def start(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8001,
    address: Annotated[
        str, typer.Option(help="Its address in a browser, if a proxy with TLS stands before it: https://...")
    ] = "",
    scene: _Scene = SceneCode.FIRST_NIGHT,
    workers: Annotated[int, typer.Option(min=1, help="Processes; two or more need PostgreSQL.")] = 1,
) -> None:
    """Serve the practice room until Ctrl-C or `placement practice stop`. A new room begins with the scene."""
    settings, folder = _real()
    if host not in LOOPBACK and not address.startswith("https://"):
        raise Misconfigured("other machines reach the practice room through TLS only: give --address https://...")
    variables = practice_variables(settings, address or f"http://{host}:{port}", os.environ)
    Keeper(folder, variables, host, port, workers).run(scene)


@app.command()
def stop() -> None:
    """Stop the practice room. What was practised stays until `placement practice reset`."""
    _, folder = _real()
    if not room.is_kept(folder):
        raise Misconfigured("the practice room does not run")
    os.kill(int(lock_file(room.keeper_folder(folder)).read_text()), signal.SIGTERM)
    ends = time.monotonic() + _ENDS_WITHIN_SECONDS
    while room.is_kept(folder):
        if time.monotonic() > ends:
            raise Misconfigured("the practice room has not stopped yet")
        time.sleep(0.1)


@app.command()
def reset(scene: _Scene = SceneCode.FIRST_NIGHT) -> None:
    """Delete everything from earlier practice, and begin a scene with empty data."""
    settings, folder = _real()
    if room.is_kept(folder):
        room.ask(folder, Asked(scene=scene))
        return
    known = room.room_in(folder)
    address = known.address if known else "http://127.0.0.1:8001"
    Keeper(folder, practice_variables(settings, address, os.environ), "", 0).make(scene)


@app.command()
def status() -> None:
    """Print whether the room runs, its scene, and the link for a colleague. Exit 3 if it does not run."""
    _, folder = _real()
    state, known = room.state_of(folder), room.room_in(folder)
    typer.echo(state.value)
    if known is not None:
        typer.echo(f"scene:    {known.scene.value}\nversion:  {known.version}")
    if known is not None and state is RoomState.RUNS:
        typer.echo(f"link:     {room.link_of(folder, known.address)}")
    raise typer.Exit(0 if state in {RoomState.RUNS, RoomState.MOVING, RoomState.MAKING} else 3)


@app.command(hidden=True)
def make(scene: SceneCode, beside: Beside = None) -> None:
    """Make a new store for the room. The keeper of the room runs this command."""
    settings = _in_practice(beside)
    room.put(settings.var, making.make(settings, scene))


@app.command(hidden=True)
def move(
    until: Annotated[datetime, typer.Argument(formats=["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"])],
    beside: Beside = None,
) -> None:
    """Move the clock of the room. The keeper of the room runs this command."""
    clock_moves.move(_in_practice(beside), until)


def _real() -> tuple[Settings, Path]:
    """Returns the settings of the real service, and the folder of the practice room beside it."""
    settings = Settings.from_environment()
    if settings.practice:
        raise Misconfigured("PLACEMENT_PRACTICE is set by `placement practice start` itself: leave it out")
    return settings, practice_folder(settings.var)


def _in_practice(beside: int | None) -> Settings:
    """Returns the settings of the practice room. Lets this process end when its parent, the keeper of the room, ends or
    is killed.
    """
    settings = Settings.from_environment()
    if not settings.practice or beside is None:
        raise Misconfigured("`placement practice start` starts this process")
    end_with(beside)
    return settings
