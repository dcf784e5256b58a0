"""When a day's report is of."""

from datetime import UTC, date, datetime, time, timedelta

from placement.core.clock import AMSTERDAM

HOUR = 7
"""In Amsterdam."""
ON_TIME = timedelta(hours=1)
"""So long after its moment what the engine says still counts for it (assumed)."""


def moment_of(on: date) -> datetime:
    """The moment that the report of this day is of."""
    return datetime.combine(on, time(HOUR), AMSTERDAM).astimezone(UTC)


def is_on_time(on: date, at: datetime) -> bool:
    return moment_of(on) <= at <= moment_of(on) + ON_TIME
