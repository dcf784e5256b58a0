"""Lists that are computed row by row, best first. If a list is stopped early, its rows are still the best rows."""

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

Row = TypeVar("Row")


class Stopped(Exception):
    """The time ran out before the next row was certain."""


def first_of(rows: Iterator[Row], top: int) -> tuple[tuple[Row, ...], bool]:
    """Returns at most `top` rows, and whether the list is complete: false if the time ran out, or after Ctrl-C."""
    found: list[Row] = []
    try:
        found.extend(islice(rows, top))
    except (Stopped, KeyboardInterrupt):
        return tuple(found), False
    return tuple(found), True
