"""Lists whose rows are computed in turn, the best first. If a list is stopped early, its rows are still the best."""

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

Row = TypeVar("Row")


class Stopped(Exception):
    """The time ran out before the next row was proven."""


def first_of(rows: Iterator[Row], top: int) -> tuple[tuple[Row, ...], bool]:
    """Returns the first `top` rows, and whether the list is complete: false if the time ran out, or after Ctrl-C."""
    found: list[Row] = []
    try:
        found.extend(islice(rows, top))
    except (Stopped, KeyboardInterrupt):
        return tuple(found), False
    return tuple(found), True
