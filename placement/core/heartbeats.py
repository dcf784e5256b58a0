"""Heartbeats: the event loop of each web process says every second that it goes on, to the process that started it.

A heartbeat also carries how many answers of the engine that process got lately, and how many were degraded. By
datagrams, which no full disk refuses; the socket is a file in the run folder.
"""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from placement.core.recent_answers import Answers
from placement.core.run_folder import OwnSocket

_EVERY_SECONDS = 1.0
STALE_SECONDS = 10.0
"""A process that has said nothing for so long hangs, or is gone (assumed)."""
_LONGEST = 64


class Heartbeats:
    """What the web processes said, by their ids."""

    def __init__(self, processes: int, address: Path, now: Callable[[], float] = time.monotonic) -> None:
        """Raises `Misconfigured` if there can be no socket, or another process has it."""
        self.processes, self._now = processes, now
        self._heard: dict[str, tuple[float, Answers]] = {}
        self._own = OwnSocket(address, socket.SOCK_DGRAM)
        self.socket = self._own.socket
        self.socket.setblocking(False)

    def read(self) -> None:
        """Takes in what was said since."""
        with suppress(BlockingIOError):
            while True:
                process, *figures = self.socket.recv(_LONGEST).decode().split()
                self._heard[process] = self._now(), Answers(*map(int, figures))

    def going_on(self) -> int:
        """How many processes said within the last seconds that they go on."""
        return len(self._lately())

    def answers(self) -> Answers:
        """Returns the engine's recent answers to all processes that go on."""
        return sum((answers for _, answers in self._lately().values()), Answers())

    def close(self) -> None:
        self._own.close()

    def _lately(self) -> dict[str, tuple[float, Answers]]:
        oldest = self._now() - STALE_SECONDS
        self._heard = {process: said for process, said in self._heard.items() if said[0] > oldest}
        return self._heard


async def beat(address: Path, answers: Callable[[], Answers] = Answers) -> None:
    """Says every second that this event loop goes on, whether or not one listens; ends by being cancelled."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.setblocking(False)
        while True:
            found = answers()
            with suppress(OSError):  # none listens, or it is slow
                to.sendto(f"{os.getpid()} {found.total} {found.degraded}".encode(), str(address))
            await asyncio.sleep(_EVERY_SECONDS)
