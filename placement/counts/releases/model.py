"""A release: the figures of a quarter or year, as they are stored, shown and sent."""

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from placement.core.periods import PeriodKind
from placement.counts.releases.tables import DIMENSIONS, FLOOR, INNER, OTHERS, ROWS, SEVERAL, SINGLE, TOTAL, Key

BASE = 5
"""All figures are multiples of this number."""
NEAR = BASE - 1
"""The largest usual difference between a figure and its count."""


class Figure(msgspec.Struct, frozen=True):
    """A published number. With `others` as last code of its key, it is the sum of the codes that are not listed."""

    key: Key
    value: int


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """The published figures of a period. `quarters`: the versions of the four quarters of a year. `within`: the largest
    difference between a figure and its count. For a figure below ten, the largest difference is 9.
    """

    kind: PeriodKind
    begins_on: date
    version: int
    quarters: tuple[int, ...] = ()
    within: int = NEAR
    figures: tuple[Figure, ...]

    @property
    def is_year(self) -> bool:
        return self.kind is PeriodKind.YEAR

    @property
    def values(self) -> dict[Key, int]:
        return {one.key: one.value for one in self.figures}


def blocks(*, is_year: bool, rows: Iterable[str]) -> Iterator[Key]:
    """Yields the blocks of a release. A block divides a count by a dimension; it is written as the key of the count
    followed by the dimension, such as `("gender",)` or `("exploitation", "sexual", "gender")`. `rows`: the codes of the
    rows that a release of a year divides by a second dimension.
    """
    for name in (*SINGLE, *SEVERAL):
        if is_year or not DIMENSIONS[name].is_yearly:
            yield (*TOTAL, name)
    if is_year:
        for row in rows:
            for name in INNER:
                yield (ROWS, row, name)


def limits(value: int, within: int, *, is_listed: bool) -> tuple[int, int]:
    """Returns the smallest and the largest count for which this figure is published. A sum of folded codes below ten is
    shown as `<10`, and added to totals as 0 or 5.
    """
    if value < FLOOR:
        return 0, FLOOR - 1
    return max(FLOOR if is_listed else 0, value - within), value + within


def choices(count: int, within: int) -> list[int]:
    """Returns the possible published figures: multiples of five at most `within` away; below ten also 0 and 5."""
    least = -(-max(FLOOR, count - within) // BASE) * BASE
    near = list(range(least, count + within + 1, BASE))
    return near if count >= FLOOR else [0, BASE, *near]


def is_others(key: Key) -> bool:
    return key[-1:] == (OTHERS,)
