"""The one place that reads the clock. Stored moments are UTC; a day is a day in Amsterdam."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CLOCKS_DIFFER = timedelta(minutes=5)
"""So much do the clocks of two machines of one service differ at most (assumed): what was done at a later moment than
that after now was done while the clock was ahead.
"""


def now() -> datetime:
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The day in Amsterdam on which this moment falls: at 23:30 UTC in summer it is tomorrow there."""
    return moment.astimezone(AMSTERDAM).date()


def local_time(moment: datetime) -> str:
    """A moment as the command line says it: day and time in Amsterdam."""
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"


def is_night(moment: datetime, begins: int, ends: int) -> bool:
    """Whether it is night in Amsterdam: between these two hours, the first in the evening, the other in the morning."""
    return not ends <= moment.astimezone(AMSTERDAM).hour < begins


def start_of(day: date) -> datetime:
    """The moment at which this day begins in Amsterdam."""
    return datetime.combine(day, time.min, AMSTERDAM).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The last second of this day in Amsterdam: what is to be done by a day is late after it."""
    return start_of(day + timedelta(days=1)) - timedelta(seconds=1)


def moment_of(day: date, at: time) -> datetime:
    """The moment of this local time on this day in Amsterdam."""
    return datetime.combine(day, at, AMSTERDAM).astimezone(UTC)
