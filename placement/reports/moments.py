"""The moment that a day's report describes."""

from datetime import UTC, date, datetime, time, timedelta

from placement.core.clock import AMSTERDAM

HOUR = 7
"""Time of day in Amsterdam."""
ON_TIME = timedelta(hours=1)
"""The time after that moment within which an answer of the engine is valid for the report (assumed)."""


def moment_of(on: date) -> datetime:
    """Returns the moment that the report of this day describes."""
    return datetime.combine(on, time(HOUR), AMSTERDAM).astimezone(UTC)


def is_on_time(on: date, at: datetime) -> bool:
    return moment_of(on) <= at <= moment_of(on) + ON_TIME
