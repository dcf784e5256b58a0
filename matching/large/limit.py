"""When a phase must stop: never by the clock where nobody gave a limit, so that the answer is the same each time."""

import time

ALWAYS = float("inf")
MANY = 10**9


class Limit:
    """`seconds` from now, or none."""

    def __init__(self, seconds: float | None) -> None:
        self.ends = ALWAYS if seconds is None else time.monotonic() + seconds

    def left(self) -> float:
        return self.ends - time.monotonic() if self.ends != ALWAYS else ALWAYS

    def is_over(self) -> bool:
        return self.left() <= 0

    def steps(self, otherwise: int) -> int:
        """How many steps a phase may take: where the clock decides, as many as it can."""
        return otherwise if self.ends == ALWAYS else MANY

    def part(self, share: float) -> "Limit":
        """A limit for a phase that may use this share of what is left."""
        return Limit(None if self.ends == ALWAYS else share * self.left())
