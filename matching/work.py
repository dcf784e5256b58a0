"""How much work a search may do, counted in steps that are the same on every machine."""

from matching.format.solution import EngineFault


class OutOfSteps(Exception):
    """A search has made as many steps as it may, and does not know the answer."""


class Undecided(EngineFault):
    """Neither a search nor the solvers know whether there are rooms for some registrations in one unit."""


class Work:
    """So many steps at most; `done` counts those that were made."""

    def __init__(self, most: int) -> None:
        self.most, self.done = most, 0

    def allow(self, more: int) -> None:
        self.most += more

    def spend(self, steps: int = 1) -> None:
        """Raises OutOfSteps."""
        self.done += steps
        if self.is_over:
            raise OutOfSteps

    @property
    def is_over(self) -> bool:
        return self.done > self.most
