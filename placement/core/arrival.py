"""The request of the current thread: when it arrived, how urgent it is, and whether the caller still waits."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field

LEAST_URGENT = 4


@dataclass(slots=True, eq=False)
class Arrival:
    """The arrival of a request. `at`: the time on the monotonic clock, in seconds. `urgency`: the urgency of the case,
    from 1 to 4.
    """

    at: float = field(default_factory=time.monotonic)
    urgency: int = LEAST_URGENT
    gone: bool = False
    """True if the caller has closed the connection. Work that is then still in the queue is not started."""


CURRENT: ContextVar[Arrival | None] = ContextVar("arrival", default=None)


def arrival() -> Arrival:
    """Returns the arrival of the current request; in a job or a command, an arrival at the present time."""
    return CURRENT.get() or Arrival()
