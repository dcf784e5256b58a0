"""The progress of a long search, and the callback that receives it."""

from collections.abc import Callable

from msgspec import Struct


class Progress(Struct, frozen=True):
    """The progress of a search in a large problem. `phase`: the part of the search that is running. `objective`: the
    points of the best solution so far. `bound`: the proven upper bound in points, or `None` if unknown.
    """

    phase: str
    objective: int
    bound: int | None


Watch = Callable[[Progress], None]
