"""Heartbeats: the event loop of each web process says every second that it goes on, to the process that started it.

By datagrams, which no full disk refuses; the socket is a file in the folder of the installation.
"""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_EVERY_SECONDS = 1.0
STALE_SECONDS = 10.0
"""A process that has said nothing for so long hangs, or is gone (assumed)."""


class Heartbeats:
    """What the web processes said, by their ids."""

    def __init__(self, processes: int, address: Path, now: Callable[[], float] = time.monotonic) -> None:
        """Raises `OSError` where there can be no socket."""
        self.processes, self._address, self._now = processes, address, now
        self._heard: dict[str, float] = {}
        address.parent.mkdir(parents=True, exist_ok=True)
        address.unlink(missing_ok=True)  # of a service that was killed
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(str(address))

    def read(self) -> None:
        """Takes in what was said since."""
        with suppress(BlockingIOError):
            while True:
                self._heard[self.socket.recv(32).decode()] = self._now()

    def going_on(self) -> int:
        """How many processes said within the last seconds that they go on."""
        oldest = self._now() - STALE_SECONDS
        self._heard = {process: at for process, at in self._heard.items() if at > oldest}
        return len(self._heard)

    def close(self) -> None:
        self.socket.close()
        self._address.unlink(missing_ok=True)


async def beat(address: Path) -> None:
    """Says every second that this event loop goes on, whether or not one listens; ends by being cancelled."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.setblocking(False)
        while True:
            with suppress(OSError):  # none listens, or it is slow
                to.sendto(str(os.getpid()).encode(), str(address))
            await asyncio.sleep(_EVERY_SECONDS)
