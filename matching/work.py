"""A work limit for a search, in steps that are the same on every machine."""

from matching.format.solution import EngineFault


class OutOfSteps(Exception):
    """The search reached its step limit without an answer."""


class Undecided(EngineFault):
    """Neither the search nor the solvers could decide whether a room allocation in one unit exists."""


class Work:
    """A budget of `most` steps. `done`: the steps that were made."""

    def __init__(self, most: int) -> None:
        self.most, self.done = most, 0

    def allow(self, more: int) -> None:
        self.most += more

    def spend(self, steps: int = 1) -> None:
        """Adds steps to the steps made. Raises OutOfSteps if the budget is exceeded."""
        self.done += steps
        if self.is_over:
            raise OutOfSteps

    @property
    def is_over(self) -> bool:
        return self.done > self.most
