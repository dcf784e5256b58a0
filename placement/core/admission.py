"""Admission control for slow work: so many at once, so many waiting, so long at most; all others get `Busy`.

Without a bound a flood of slow questions takes every thread, and the cheap ones wait for them.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Generic, TypeVar

from placement.core.errors import Busy

Answer = TypeVar("Answer")


class Turns:
    """A bounded queue: `at_once` are carried out, `waiting` more wait for their turn, `within_seconds` at most. `code`:
    for `Busy`.
    """

    def __init__(self, code: str, *, at_once: int, waiting: int, within_seconds: float) -> None:
        self._code, self._within = code, within_seconds
        self._places = threading.Semaphore(at_once + waiting)
        self._turns = threading.Semaphore(at_once)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the queue, for all the work of one question. Raises `Busy` at once where there is none."""
        if not self._places.acquire(blocking=False):
            raise self.busy()
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A turn to carry out the slow part. Raises `Busy` where it does not come in time."""
        if not self._turns.acquire(timeout=self._within):
            raise self.busy()
        try:
            yield
        finally:
            self._turns.release()

    def busy(self) -> Busy:
        return Busy(self._code, seconds=max(1, round(self._within / 2)))


class Answers(Generic[Answer]):
    """A cache of answers by question: equal questions at once, or soon after one another, are computed once.

    The question holds all that the answer depends on, so an answer never grows old; the last few are kept.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._guard = threading.Lock()
        self._found: OrderedDict[str, Future[Answer]] = OrderedDict()

    def of(self, question: bytes, work_out: Callable[[], Answer], is_final: Callable[[Answer], bool]) -> Answer:
        """The answer to this question. `is_final`: whether it may be kept; else the next caller has it computed again.

        Raises what `work_out` raises, in every caller that waits for it.
        """
        key = hashlib.sha256(question).hexdigest()
        with self._guard:
            found = self._found.get(key)
            ours = found is None
            if found is None:
                found = self._found[key] = Future()
            self._found.move_to_end(key)
        if not ours:
            return found.result()
        try:
            answer = work_out()
        except BaseException as error:
            self._forget(key)
            found.set_exception(error)
            raise
        found.set_result(answer)
        if not is_final(answer):
            self._forget(key)
        self._drop_oldest()
        return answer

    def _forget(self, key: str) -> None:
        with self._guard:
            self._found.pop(key, None)

    def _drop_oldest(self) -> None:
        with self._guard:
            done = [key for key, found in self._found.items() if found.done()]
            for key in done[: max(0, len(done) - self._kept)]:
                del self._found[key]
