"""Puts the lines of the log that acts stored into the chain, behind them (`hash_chain.seal`).

A process that serves has a thread for it, which gathers for a moment and seals what all processes stored; a lock of the
database lets one do so at a time. Every other process seals after each of its transactions. Where none does, the lines
stay where they are, and count: `audit verify` checks them, and `placement doctor` says how old they are.
"""

import threading
from collections.abc import Callable

import structlog

from placement.core.errors import kind_and_place

_GATHER_SECONDS = 0.1
_AGAIN_AFTER_SECONDS = 1.0
_LOG = structlog.get_logger()


class LogSealer:
    def __init__(self, seal: Callable[[], None]) -> None:
        self._seal = seal
        self._wanted, self._hurry, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """From now on a thread of this process seals."""
        self._stop.clear()
        self._wanted.set()  # what a process left that was killed
        self._thread = threading.Thread(target=self._run, name="log sealer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Seals what there is, and ends."""
        if self._thread is not None:
            self._stop.set()
            self._hurry.set()
            self._wanted.set()
            self._thread.join()
            self._thread = None

    def lines_stored(self) -> None:
        """After a transaction that stored lines was committed."""
        if self._thread is None:
            self._try_to_seal()
        else:
            self._wanted.set()

    def hurry(self) -> None:
        """A reader of the log waits."""
        self._hurry.set()
        self.lines_stored()

    def _run(self) -> None:
        pause, ending = _GATHER_SECONDS, False
        while not ending:
            while not self._stop.is_set() and not self._wanted.wait(_AGAIN_AFTER_SECONDS):
                pass
            ending = self._stop.is_set()  # then once more
            if not ending:
                self._hurry.wait(pause)
            self._wanted.clear()
            self._hurry.clear()
            pause = _GATHER_SECONDS
            if not self._try_to_seal():
                self._wanted.set()
                pause = _AGAIN_AFTER_SECONDS

    def _try_to_seal(self) -> bool:
        """The act is done, whatever comes of it."""
        try:
            self._seal()
        except Exception as error:  # noqa: BLE001  (no act fails by it, and the thread goes on)
            _LOG.error("log.not_sealed", **kind_and_place(error))
            return False
        return True
