"""A stopwatch for an answer: the seconds of each stage, and the remaining time."""

import time

from matching.format.solution import Seconds
from matching.limit import Limit


class Clock:
    """The stopwatch of an answer. It counts the seconds of each stage, for the field `seconds` of the solution."""

    def __init__(self) -> None:
        self.started = self.last = time.monotonic()
        self.stages: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.stages[stage] = round(self.stages.get(stage, 0.0) + now - self.last, 6)
        self.last = now

    def skip(self) -> None:
        """Adds the time since the last lap (such as an import of a library) to the total, but to no stage."""
        self.last = time.monotonic()

    def spent(self) -> float:
        return time.monotonic() - self.started

    def limit(self, seconds: float | None) -> Limit:
        """Returns the rest of a time limit that began when this clock was made."""
        return Limit(None if seconds is None else seconds - self.spent())

    def seconds(self) -> Seconds:
        return Seconds(**self.stages, total=round(self.spent(), 6))
