"""The one place that reads the clock. Stored moments are UTC; a day is a day in Amsterdam."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CLOCKS_DIFFER = timedelta(minutes=5)
"""The largest difference between the clocks of two machines of one service (assumed).
A stored moment further in the future comes from a clock that was ahead.
"""


def now() -> datetime:
    return datetime.now(UTC)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def day_of(moment: datetime) -> date:
    """Returns the day in Amsterdam of this moment: 23:30 UTC in summer is already the next day there."""
    return moment.astimezone(AMSTERDAM).date()


def local_time(moment: datetime) -> str:
    """Returns a moment as the command line shows it: day and time in Amsterdam."""
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"


def is_night(moment: datetime, begins: int, ends: int) -> bool:
    """Checks for night in Amsterdam: from the hour `begins` in the evening to the hour `ends` in the morning."""
    return not ends <= moment.astimezone(AMSTERDAM).hour < begins


def start_of(day: date) -> datetime:
    """Returns the moment at which this day begins in Amsterdam."""
    return datetime.combine(day, time.min, AMSTERDAM).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Returns the last second of this day in Amsterdam; work due on that day is late after it."""
    return start_of(day + timedelta(days=1)) - timedelta(seconds=1)


def moment_of(day: date, at: time) -> datetime:
    """Returns the moment of this local time on this day in Amsterdam."""
    return datetime.combine(day, at, AMSTERDAM).astimezone(UTC)
