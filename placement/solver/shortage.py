"""Shortage: the extra places that would help most, and the number of clients: the engine's bottlenecks.

Counts of clients, without any reference. Points would disclose who waits. `Solver.shortage` computes
it after every proposal; limits on use: `previews.py`.
"""

from dataclasses import dataclass

import msgspec

WITHIN_SECONDS = 20.0
"""The time after which the result is marked as incomplete (assumed; a country takes well under a second)."""


class Extra(msgspec.Struct, frozen=True):
    """An extra in a unit: `room_1`, `room_4` (beds) or `high_care`. `serves`: how many more would then have a place."""

    unit: str
    extra: str
    serves: int


@dataclass(frozen=True, slots=True)
class Shortage:
    extras: tuple[Extra, ...]
    complete: bool
    """True if it was computed in time."""
