"""Slow work that is done once for all callers with the same question about one state of the world."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Latest(Generic[Answer]):
    """The newest answer, shared by all callers who asked before it was begun: for them it is as new as their own."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._begun_at = 0.0
        self._found: Future[Answer] = Future()

    def of(self, asked_at: float, work_out: Callable[[], Answer]) -> Answer:
        """Returns the shared answer. `asked_at`: the time of the request, on the monotonic clock.

        Raises the error of `work_out` in every caller that waits for it.
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
                    self._begun_at = 0.0  # the next caller computes it anew
            found.set_exception(error)
            raise
        found.set_result(answer)
        return answer


class Answers(Generic[Answer]):
    """A cache of answers by question: equal questions, at once or soon after one another, are computed once.
    The question contains everything that determines the answer, so an answer never becomes outdated. The last few are
    kept.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._guard = threading.Lock()
        self._found: OrderedDict[str, Future[Answer]] = OrderedDict()

    def of(self, question: bytes, work_out: Callable[[], Answer], is_final: Callable[[Answer], bool]) -> Answer:
        """Returns the answer to this question. `is_final`: true if it may be kept; else the next caller computes it
        again. Raises the error of `work_out` in every caller that waits for it.
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
