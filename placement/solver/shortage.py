"""Shortage: the additional places that would help most, and the number of clients that they serve.

Counts of clients, without any reference. Points would disclose who waits. `Solver.shortage` computes
it after every proposal; limits on use: `previews.py`.
"""

from dataclasses import dataclass

import msgspec

WITHIN_SECONDS = 20.0
"""The time limit, after which the result is marked incomplete (assumed; a country takes well under a second)."""


class Extra(msgspec.Struct, frozen=True):
    """An additional `room_1`, `room_4` (beds) or `high_care` in a unit. `serves`: how many more clients it places."""

    unit: str
    extra: str
    serves: int


@dataclass(frozen=True, slots=True)
class Shortage:
    extras: tuple[Extra, ...]
    complete: bool
    """True if the computation ended within the time limit."""
