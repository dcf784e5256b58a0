"""Heartbeats. Every second, each web process sends a message to its parent process. The message states how many answers
its engine gave recently, and how many of these were degraded. The message is a datagram, so it arrives even if the disk
is full. The socket is a file in the run folder.
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
"""If a web process has sent no heartbeat for this time, it hangs or has ended (assumed)."""
_LONGEST = 64


class Heartbeats:
    """The last heartbeats of the web processes, by process id."""

    def __init__(self, processes: int, address: Path, now: Callable[[], float] = time.monotonic) -> None:
        """Raises `Misconfigured` if the socket cannot be made, or if another process uses it."""
        self.processes, self._now = processes, now
        self._heard: dict[str, tuple[float, Answers]] = {}
        self._own = OwnSocket(address, socket.SOCK_DGRAM)
        self.socket = self._own.socket
        self.socket.setblocking(False)

    def read(self) -> None:
        """Reads the heartbeats that arrived since the last call."""
        with suppress(BlockingIOError):
            while True:
                process, *figures = self.socket.recv(_LONGEST).decode().split()
                self._heard[process] = self._now(), Answers(*map(int, figures))

    def going_on(self) -> int:
        """Returns the number of web processes with a recent heartbeat."""
        return len(self._lately())

    def answers(self) -> Answers:
        """Returns the engine's recent answers in all processes with a recent heartbeat."""
        return sum((answers for _, answers in self._lately().values()), Answers())

    def close(self) -> None:
        self._own.close()

    def _lately(self) -> dict[str, tuple[float, Answers]]:
        oldest = self._now() - STALE_SECONDS
        self._heard = {process: said for process, said in self._heard.items() if said[0] > oldest}
        return self._heard


async def beat(address: Path, answers: Callable[[], Answers] = Answers) -> None:
    """Sends a heartbeat every second, even if nobody listens. Runs until it is cancelled."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.setblocking(False)
        while True:
            found = answers()
            with suppress(OSError):  # nobody listens, or the listener is slow
                to.sendto(f"{os.getpid()} {found.total} {found.degraded}".encode(), str(address))
            await asyncio.sleep(_EVERY_SECONDS)
