"""The request that a thread works for: when it arrived, how urgent it is, and whether its client is still there."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field

LEAST_URGENT = 4


@dataclass(slots=True, eq=False)
class Arrival:
    """`at`: on the monotonic clock, in seconds. `urgency`: 1 to 4, of the case that it is about."""

    at: float = field(default_factory=time.monotonic)
    urgency: int = LEAST_URGENT
    gone: bool = False
    """Whether the client hung up: then what has not begun is not begun."""


CURRENT: ContextVar[Arrival | None] = ContextVar("arrival", default=None)


def arrival() -> Arrival:
    """The arrival of the present request; where there is none (a job, a command) one of this moment."""
    return CURRENT.get() or Arrival()
