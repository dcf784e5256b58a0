"""How far a long search is, and who is told of it."""

from collections.abc import Callable

from msgspec import Struct


class Progress(Struct, frozen=True):
    """How far the search in a large problem is: the best answer's points, and a limit proven (None: not known yet)."""

    phase: str
    objective: int
    bound: int | None


Watch = Callable[[Progress], None]
