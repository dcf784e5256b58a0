"""Shortage: which one extra place would help most, and how many clients: the engine's bottlenecks.

Counts, without any reference. Worked out by `Solver.shortage` behind every proposal; limits on use: `previews.py`.
"""

from dataclasses import dataclass

import msgspec

WITHIN_SECONDS = 20.0
"""After this time the result is marked as not complete (assumed; a country takes well under a second)."""


class Extra(msgspec.Struct, frozen=True):
    """One extra in one unit: `room_1`, `room_4` (beds) or `high_care`; how many more would then have a place."""

    unit: str
    extra: str
    gain: int
    serves: int


@dataclass(frozen=True, slots=True)
class Shortage:
    extras: tuple[Extra, ...]
    complete: bool
    """Whether it was computed in time."""
