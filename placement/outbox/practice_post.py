"""The post of a practice room. A message is kept in the room's folder, in which its people read it; nothing is sent."""

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
"""The mail server that practice would use. It has no host, and is never connected to."""


class KeptMessage(BaseModel):
    """A message that was kept instead of sent. `to`: the address, number or endpoint."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    channel: Channel
    to: str
    title: str
    text: str


def keep(settings: Settings, channel: Channel, to: str, text: str, title: str = "") -> Result:
    """Keeps a message as delivered."""
    message = KeptMessage(at=clock.now(), channel=channel, to=to, title=title, text=text)
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
