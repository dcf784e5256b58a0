"""The number of engine answers in the last ten minutes, and how many of these answers were degraded."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

SECONDS = 600.0
_MOST_DEGRADED = 0.05


@dataclass(frozen=True, slots=True)
class Answers:
    """The number of engine answers within ten minutes. `degraded`: answers from the simple fallback method."""

    total: int = 0
    degraded: int = 0

    def __add__(self, other: "Answers") -> "Answers":
        return Answers(self.total + other.total, self.degraded + other.degraded)

    @property
    def are_too_often_degraded(self) -> bool:
        """True if more than 5 % of the answers are degraded. The operator is then notified."""
        return self.degraded > _MOST_DEGRADED * self.total


class RecentAnswers:
    """Counts the engine answers of this process over the last ten minutes."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._guard = now, threading.Lock()
        self._noted: deque[tuple[float, Answers]] = deque()

    def note(self, *, degraded: bool) -> None:
        with self._guard:
            self._noted.append((self._now(), Answers(1, int(degraded))))

    def counted(self) -> Answers:
        with self._guard:
            oldest = self._now() - SECONDS
            while self._noted and self._noted[0][0] <= oldest:
                self._noted.popleft()
            return sum((answers for _, answers in self._noted), Answers())
