"""Steps of the wall clock, found by comparison with the monotonic clock, which nobody can set."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from placement.core import clock

LEAST = timedelta(seconds=2)
"""The smallest step that is reported (assumed). A busy machine cannot read both clocks at exactly the same time."""


class ClockSteps:
    """Remembers the difference between the wall clock and the monotonic clock."""

    def __init__(self, now: clock.Clock | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now, self._monotonic = now or clock.now, monotonic
        self._base = self._difference()

    def step(self) -> timedelta | None:
        """Returns by how much the wall clock was set since the last call; `None` if it was not set. If the machine was
        suspended, returns the time of the suspension.
        """
        base = self._difference()
        stepped = base - self._base
        self._base = base
        return stepped if abs(stepped) >= LEAST else None

    def _difference(self) -> datetime:
        return self._now() - timedelta(seconds=self._monotonic())
