"""Steps of the clock: the wall clock compared with the monotonic clock, which nobody sets."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from placement.core import clock

LEAST = timedelta(seconds=2)
"""A smaller difference is no step: both clocks cannot be read at once on a busy machine (assumed)."""


class ClockSteps:
    """Remembers by how much the wall clock was ahead of the monotonic clock."""

    def __init__(self, now: clock.Clock | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now, self._monotonic = now or clock.now, monotonic
        self._base = self._difference()

    def step(self) -> timedelta | None:
        """Returns by how much the wall clock was set since the last call, if it was.
        A machine that slept seems set, too.
        """
        base = self._difference()
        stepped = base - self._base
        self._base = base
        return stepped if abs(stepped) >= LEAST else None

    def _difference(self) -> datetime:
        return self._now() - timedelta(seconds=self._monotonic())
