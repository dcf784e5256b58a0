"""What is kept of a solution for the next, nearly identical problem: prices by id, and the placements.

Any non-negative prices prove an upper bound, so old prices do too; the bound weakens with the amount of change.
"""

from typing import NamedTuple

import numpy as np

from matching.format.problem import Registration
from matching.format.solution import Placement
from matching.large.prices import Prices
from matching.large.problem_arrays import Ints, ProblemArrays


class Known(NamedTuple):
    registrations: dict[str, Registration]
    placements: tuple[Placement, ...]
    bed: dict[str, int]
    """Points per bed, by room."""
    care: dict[str, int]
    """Points per high-care place, by unit."""

    def prices(self, arrays: ProblemArrays) -> Prices:
        """Prices for these problem arrays; a new room gets the median price of a bed."""
        usual = int(np.median(list(self.bed.values()))) if self.bed else 0
        bed = [max(self.bed.get(room.id, usual) for room in group.rooms) for group in arrays.groups]
        care: Ints = np.array([self.care.get(unit.id, 0) for unit in arrays.units], dtype=np.int64)
        return Prices(np.array(bed, dtype=np.int64), np.where(_is_limited(arrays), care, 0))

    def changed(self, arrays: ProblemArrays) -> list[int]:
        """Rows of the registrations that are new or changed."""
        rows = enumerate(arrays.registrations)
        return [row for row, registration in rows if self.registrations.get(registration.id) != registration]


def known_of(arrays: ProblemArrays, prices: Prices, placements: tuple[Placement, ...]) -> Known:
    pairs = zip(arrays.groups, prices.bed.tolist(), strict=True)
    return Known(
        registrations=dict(arrays.index.registrations),
        placements=placements,
        bed={room.id: price for group, price in pairs for room in group.rooms},
        care={unit.id: price for unit, price in zip(arrays.units, prices.care.tolist(), strict=True) if price},
    )


def _is_limited(arrays: ProblemArrays) -> Ints:
    return np.array([unit.high_care_limit is not None for unit in arrays.units], dtype=np.int64)
