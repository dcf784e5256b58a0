"""The folder of a practice room: the room's state, the link for a colleague, and requests to the keeper of the room.
The keeper is the process of `placement practice start`. The real service reads the state and the link, but not the
database of the room.
"""

import secrets
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from placement.core import version
from placement.core.practice_codes import RoomState, SceneCode
from placement.core.run_folder import is_held

_STATE, _ASKED, _LINK = "room.json", "asked.json", "link"
_SECRET_BYTES = 24


class Room(BaseModel):
    """The state of a practice room. `until`: the time to which its clock moves. `facts`: the subjects of its scene."""

    model_config = ConfigDict(frozen=True)

    address: str
    version: str
    state: RoomState
    scene: SceneCode
    began_at: datetime
    facts: dict[str, str] = {}
    until: datetime | None = None


class Asked(BaseModel):
    """A request to the keeper of the room: to begin a scene, or to move the clock to a time."""

    model_config = ConfigDict(frozen=True)

    scene: SceneCode | None = None
    until: datetime | None = None


def keeper_folder(folder: Path) -> Path:
    """Returns the folder whose lock the keeper of the room holds."""
    return folder / "keeper"


def is_kept(folder: Path) -> bool:
    """Checks whether `placement practice start` runs with this folder."""
    return is_held(keeper_folder(folder))


def room_in(folder: Path) -> Room | None:
    """Returns the room of this folder; `None` if no room was ever made."""
    file = folder / _STATE
    return Room.model_validate_json(file.read_text()) if file.exists() else None


def state_of(folder: Path) -> RoomState:
    """Returns the state of the room. Another installation can read the state too. Reads the request before the room,
    because the keeper stores the new state before it deletes the request.
    """
    asked, room = waiting_request(folder), room_in(folder)
    if room is not None and room.version != version.shown():
        return RoomState.OTHER_VERSION
    if room is None or not is_kept(folder):
        return RoomState.ABSENT
    return room.state if asked is None else RoomState.MOVING if asked.scene is None else RoomState.MAKING


def put(folder: Path, room: Room) -> None:
    _write(folder / _STATE, room.model_dump_json())


def ask(folder: Path, asked: Asked) -> None:
    """Stores a request to the keeper. It replaces an earlier request that the keeper has not taken yet."""
    _write(folder / _ASKED, asked.model_dump_json())


def waiting_request(folder: Path) -> Asked | None:
    try:
        return Asked.model_validate_json((folder / _ASKED).read_text())
    except FileNotFoundError:  # also if the keeper takes it at this moment
        return None


def forget_request(folder: Path) -> None:
    (folder / _ASKED).unlink(missing_ok=True)


def secret_of(folder: Path) -> str:
    """Returns the secret in the link of a colleague. It is the same until the room is removed."""
    file = folder / _LINK
    if not file.exists():
        _write(file, secrets.token_urlsafe(_SECRET_BYTES))
    return file.read_text()


def link_of(folder: Path, address: str) -> str:
    return f"{address}/practice/enter/{secret_of(folder)}"


def kept_files(folder: Path) -> frozenset[Path]:
    """Returns the files that stay when a scene begins: the link, the state, the request, and the lock of the keeper."""
    return frozenset({folder / _STATE, folder / _LINK, folder / _ASKED, keeper_folder(folder)})


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = file.with_suffix(".new")
    made.write_text(text)
    made.replace(file)
