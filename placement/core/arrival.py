"""The request that a thread works for: its time of arrival, its urgency, and whether the caller still waits."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field

LEAST_URGENT = 4


@dataclass(slots=True, eq=False)
class Arrival:
    """`at`: on the monotonic clock, in seconds. `urgency`: 1 to 4, that of the case."""

    at: float = field(default_factory=time.monotonic)
    urgency: int = LEAST_URGENT
    gone: bool = False
    """True if the caller hung up: waiting work is then not begun."""


CURRENT: ContextVar[Arrival | None] = ContextVar("arrival", default=None)


def arrival() -> Arrival:
    """Returns the arrival of the present request; without a request (a job, a command), it is now."""
    return CURRENT.get() or Arrival()
