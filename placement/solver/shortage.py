"""Shortage: the additional places that would help most, and the number of clients whom each place would serve. The
result contains no reference of a client. It contains no points of the engine either, because they would disclose who
waits. `Solver.shortage` computes the shortage when no proposal waits in the queue. `previews.py` limits its use.
"""

from dataclasses import dataclass

import msgspec

WITHIN_SECONDS = 20.0
"""The time limit, after which the result is marked as incomplete. It is assumed; a whole country takes well under a
second.
"""


class Extra(msgspec.Struct, frozen=True):
    """An additional place in a unit: `room_1` or `room_4` (a room with this number of beds), or `high_care`. `serves`:
    how many more clients it would place.
    """

    unit: str
    extra: str
    serves: int


@dataclass(frozen=True, slots=True)
class Shortage:
    extras: tuple[Extra, ...]
    complete: bool
    """True if the computation ended within the time limit."""
