"""The progress of a long search, and the callback that receives it."""

from collections.abc import Callable

from msgspec import Struct


class Progress(Struct, frozen=True):
    """The state of a search in a large problem: the best `objective` and the proven `bound` (`None`: unknown)."""

    phase: str
    objective: int
    bound: int | None


Watch = Callable[[Progress], None]
