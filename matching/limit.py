"""The time limit of a phase. Without a time limit the clock is not read, so the same problem has the same solution."""

import time

from matching.format.solution import EngineFault

ALWAYS = float("inf")
MANY = 10**9


class LimitReached(EngineFault):
    """The time limit was reached before there was an answer with a bound. The message names the phase."""


class Limit:
    """A time limit of `seconds` from now. `None` means no limit."""

    def __init__(self, seconds: float | None) -> None:
        self.ends = ALWAYS if seconds is None else time.monotonic() + seconds

    def left(self) -> float:
        return self.ends - time.monotonic() if self.ends != ALWAYS else ALWAYS

    def seconds(self) -> float | None:
        """Returns the remaining seconds for a solver; `None` if there is no limit."""
        return None if self.ends == ALWAYS else max(0.0, self.left())

    def check(self) -> None:
        """Raises LimitReached if no time is left."""
        if self.is_over():
            raise LimitReached("the time limit was reached before all registrations and units were compared")

    def is_over(self) -> bool:
        return self.left() <= 0

    def steps(self, otherwise: int) -> int:
        """Returns the largest number of steps of a phase: `MANY` with a time limit, `otherwise` without a limit."""
        return otherwise if self.ends == ALWAYS else MANY

    def less(self, seconds: float) -> "Limit":
        """Returns a limit that ends `seconds` before this limit."""
        return Limit(None if self.ends == ALWAYS else self.left() - seconds)

    def part(self, share: float) -> "Limit":
        """Returns the limit of a phase that may use a share (0 to 1) of the remaining time."""
        return Limit(None if self.ends == ALWAYS else share * self.left())


NO_LIMIT = Limit(None)
