"""The messages of a practice room. Messages are kept in the room's folder, and the room shows them; nothing is sent.

For tests, a program on this machine may receive the messages: it listens on a socket in the room's folder. If the
socket exists but the program does not accept a message, the message waits, as it does without a mail server.
"""

import socket
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from placement.core import clock
from placement.core.codes import Channel
from placement.core.ids import new_id
from placement.core.practice_mode import post_folder
from placement.core.setting_parts import Smtp
from placement.core.settings import Settings
from placement.outbox.outbox import DELIVERED, Result

SENDER = Smtp("", 0, "none", "practice@placement.invalid", "", "")
"""The mail server of a practice room. It has no host and is never connected to; only its sender is used."""

TAKEN = b"taken\n"
"""The answer of a receiver that has stored a message."""


class KeptMessage(BaseModel):
    """A message that was kept instead of sent. `to`: the address, number or endpoint. `name`: the `Message-ID`."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    channel: Channel
    to: str
    title: str
    text: str
    name: str = ""


def keep(settings: Settings, channel: Channel, to: str, text: str, title: str = "", *, name: str = "") -> Result:
    """Keeps a message. Returns a failure instead if a receiver exists but does not accept the message."""
    message = KeptMessage(at=clock.now(), channel=channel, to=to, title=title, text=text, name=name)
    trouble = _hand_over(settings, message.model_dump_json())
    if trouble is not None:
        return Result(trouble)
    folder = post_folder(settings.var)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / new_id("B")
    file.with_suffix(".new").write_text(message.model_dump_json())
    file.with_suffix(".new").rename(file.with_suffix(".json"))
    return DELIVERED


def kept(folder: Path, most: int) -> list[KeptMessage]:
    """Returns the kept messages, the newest first."""
    found = [KeptMessage.model_validate_json(file.read_text()) for file in post_folder(folder).glob("*.json")]
    return sorted(found, key=lambda one: one.at, reverse=True)[:most]


def receiver(folder: Path) -> Path:
    """Returns the path of the socket on which a program receives the messages of the practice room."""
    return folder / "receiver"


def trouble(settings: Settings) -> str | None:
    """Tests the receiver with an empty line. Returns the code of its fault; `None` if it works or does not exist."""
    return _hand_over(settings, "")


def _hand_over(settings: Settings, line: str) -> str | None:
    """Sends a line to the receiver, if it exists. Returns the code of the fault if the receiver does not answer
    `taken`.
    """
    file = receiver(settings.var)
    if not file.exists():
        return None
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(settings.mail_within_seconds)
        try:
            connection.connect(str(file))
            connection.sendall(line.encode() + b"\n")
            return None if connection.makefile("rb").readline() == TAKEN else "no_connection"
        except OSError:
            return "no_connection"
