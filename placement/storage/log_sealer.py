"""The sealer of the log, which adds stored lines to the chain after the transactions (`hash_chain.seal`).

A serving process has a thread for it, which waits for a moment and then chains the lines of all processes. A lock of
the database admits one process at a time; lines that arrive later wait for the next round. Every other process chains
lines after each of its transactions. If no process does so, the lines stay beside the chain and remain valid: `audit
verify` checks them, and `placement doctor` shows their age.
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
        """Makes a sealer that is not started. `seal`: a function such as `Database.seal_log`."""
        self._seal = seal
        self._wanted, self._hurry, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread of this process that seals."""
        self._stop.clear()
        self._wanted.set()  # lines of a killed process may be waiting
        self._thread = threading.Thread(target=self._run, name="log sealer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Seals the remaining lines, and ends the thread."""
        if self._thread is not None:
            self._stop.set()
            self._hurry.set()
            self._wanted.set()
            self._thread.join()
            self._thread = None

    def lines_stored(self) -> None:
        """Seals the lines, or wakes the thread. Called after the commit of a transaction that stored lines."""
        if self._thread is None:
            self._try_to_seal(timedelta())
        else:
            self._wanted.set()

    def hurry(self) -> None:
        """Makes the thread seal at once, because a reader of the log waits."""
        self._hurry.set()
        self.lines_stored()

    def _run(self) -> None:
        again, ending = 0.0, False
        while not ending:
            while not self._stop.is_set() and not self._wanted.wait(_AGAIN_AFTER_SECONDS):
                pass
            ending = self._stop.is_set()  # if the thread must stop, it seals once more
            at_once = ending or self._hurry.wait(again or _GATHER_SECONDS)
            self._wanted.clear()
            self._hurry.clear()
            again = self._try_to_seal(timedelta(seconds=0 if at_once else _GATHER_SECONDS))
            if again:
                self._wanted.set()

    def _try_to_seal(self, gathered: timedelta) -> float:
        """Tries to seal. Returns the seconds until the next try, or 0. The transaction itself is stored already."""
        try:
            return 0 if self._seal(gathered) else _GATHER_SECONDS
        except Exception as error:  # noqa: BLE001  (no act fails by it, and the thread goes on)
            _LOG.error("log.not_sealed", **kind_and_place(error))
            return _AGAIN_AFTER_SECONDS
