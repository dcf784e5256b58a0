"""The background thread that moves waiting audit events into the hash chain (`hash_chain.seal`).

Each web process has such a thread. It moves the events of all processes; a database lock admits one thread at a time.
Other processes, such as commands, move events after each of their transactions. If no process runs, the events wait and
remain valid: `audit verify` checks them, and `placement doctor` shows their age.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from placement.core.errors import kind_and_place

_GATHER_SECONDS = 0.1
_AGAIN_AFTER_SECONDS = 1.0
_LOG = structlog.get_logger()


class LogSealer:
    def __init__(self, seal: Callable[[timedelta], bool]) -> None:
        """Makes a sealer without starting its thread. `seal`: a function such as `Database.seal_log`."""
        self._seal = seal
        self._wanted, self._hurry, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread of this process."""
        self._stop.clear()
        self._wanted.set()  # a killed process may have left waiting events
        self._thread = threading.Thread(target=self._run, name="log sealer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Moves the remaining events, and ends the thread."""
        if self._thread is not None:
            self._stop.set()
            self._hurry.set()
            self._wanted.set()
            self._thread.join()
            self._thread = None

    def lines_stored(self) -> None:
        """Called after a commit that stored waiting events: wakes the thread, or moves the events if there is no
        thread.
        """
        if self._thread is None:
            self._try_to_seal(timedelta())
        else:
            self._wanted.set()

    def hurry(self) -> None:
        """Makes the thread move the events at once, because somebody reads the log."""
        self._hurry.set()
        self.lines_stored()

    def _run(self) -> None:
        again, ending = 0.0, False
        while not ending:
            while not self._stop.is_set() and not self._wanted.wait(_AGAIN_AFTER_SECONDS):
                pass
            ending = self._stop.is_set()  # if the thread must stop, it runs once more
            at_once = ending or self._hurry.wait(again or _GATHER_SECONDS)
            self._wanted.clear()
            self._hurry.clear()
            again = self._try_to_seal(timedelta(seconds=0 if at_once else _GATHER_SECONDS))
            if again:
                self._wanted.set()

    def _try_to_seal(self, gathered: timedelta) -> float:
        """Tries to move the events. Returns the seconds until the next try; 0 if all were moved. Logs a failure."""
        try:
            return 0 if self._seal(gathered) else _GATHER_SECONDS
        except Exception as error:  # noqa: BLE001  (no act fails by it, and the thread goes on)
            _LOG.error("log.not_sealed", **kind_and_place(error))
            return _AGAIN_AFTER_SECONDS
