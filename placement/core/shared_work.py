"""Slow computations whose result is shared by all callers that ask the same question."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Latest(Generic[Answer]):
    """A result that several callers share. A caller never gets a result whose computation began before the time of the
    caller's request (`asked_at`).
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._begun_at = 0.0
        self._found: Future[Answer] = Future()

    def of(self, asked_at: float, work_out: Callable[[], Answer]) -> Answer:
        """Returns the shared result. `asked_at`: the time of the caller's request, on the monotonic clock.

        If `work_out` raises an error, every waiting caller gets it.
        """
        with self._guard:
            ours = self._begun_at <= asked_at
            if ours:
                self._begun_at, self._found = time.monotonic(), Future()
            found = self._found
        if not ours:
            return found.result()
        try:
            answer = work_out()
        except BaseException as error:
            with self._guard:
                if self._found is found:
                    self._begun_at = 0.0  # the next caller computes the result anew
            found.set_exception(error)
            raise
        found.set_result(answer)
        return answer


class Answers(Generic[Answer]):
    """A cache of results by question. If equal questions come together or shortly after each other, the result is
    computed once. A question contains everything on which its result depends, so a cached result is never outdated.
    Only the last `kept` results are kept.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._guard = threading.Lock()
        self._found: OrderedDict[str, Future[Answer]] = OrderedDict()

    def of(self, question: bytes, work_out: Callable[[], Answer], is_final: Callable[[Answer], bool]) -> Answer:
        """Returns the result for this question. `is_final`: returns true if the result may be kept; otherwise the next
        caller computes it again. If `work_out` raises an error, every waiting caller gets it.
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
