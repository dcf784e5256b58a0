"""A limit on the steps of a search. Steps are the same on every machine; seconds are not."""

from matching.format.solution import EngineFault


class OutOfSteps(Exception):
    """The search reached its step limit without a result."""


class Undecided(EngineFault):
    """Neither the search nor the solvers could decide whether there are rooms or places for all registrations."""


class Work:
    """A budget of steps. `most`: the largest number of steps. `done`: the number of steps made so far."""

    def __init__(self, most: int) -> None:
        self.most, self.done = most, 0

    def allow(self, more: int) -> None:
        self.most += more

    def spend(self, steps: int = 1) -> None:
        """Adds `steps` to `done`. Raises OutOfSteps if the budget is exceeded."""
        self.done += steps
        if self.is_over:
            raise OutOfSteps

    @property
    def is_over(self) -> bool:
        return self.done > self.most
