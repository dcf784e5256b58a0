"""The moment that a day's report describes."""

from datetime import UTC, date, datetime, time, timedelta

from placement.core.clock import AMSTERDAM

HOUR = 7
"""The hour of the day, in Amsterdam, that a report describes."""
ON_TIME = timedelta(hours=1)
"""The time after the report's moment within which an answer of the engine can be used in it (assumed)."""


def moment_of(on: date) -> datetime:
    """Returns the moment that the report of this day describes."""
    return datetime.combine(on, time(HOUR), AMSTERDAM).astimezone(UTC)


def is_on_time(on: date, at: datetime) -> bool:
    return moment_of(on) <= at <= moment_of(on) + ON_TIME
