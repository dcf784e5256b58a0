"""The seconds that an answer took, by stage, and what is left of its limit."""

import time

from matching.format.solution import Seconds
from matching.limit import Limit


class Clock:
    """Seconds by stage. The only use of a clock; without a time limit no solution depends on it."""

    def __init__(self) -> None:
        self.started = self.last = time.monotonic()
        self.stages: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.stages[stage] = round(self.stages.get(stage, 0.0) + now - self.last, 6)
        self.last = now

    def skip(self) -> None:
        """Time spent until now (importing a library, once per process) counts for no stage, but in the total."""
        self.last = time.monotonic()

    def spent(self) -> float:
        return time.monotonic() - self.started

    def limit(self, seconds: float | None) -> Limit:
        """Returns the rest of a limit that began with this clock."""
        return Limit(None if seconds is None else seconds - self.spent())

    def seconds(self) -> Seconds:
        return Seconds(**self.stages, total=round(self.spent(), 6))
