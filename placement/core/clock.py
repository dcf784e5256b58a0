"""The clock. Only this module reads it. Stored moments are in UTC; days are calendar days in Amsterdam. The clock of a
practice room is ahead of the real clock, by the seconds in its file.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CLOCKS_DIFFER = timedelta(minutes=5)
"""The largest difference between the clocks of two machines of a service (assumed). If a stored moment is further in
the future, the clock of the machine that wrote it was ahead.
"""


class _Practice:
    ahead: Path | None = None


def real_now() -> datetime:
    """Returns the real time, in a practice room too."""
    return datetime.now(UTC)


def now() -> datetime:
    real = real_now()
    return real if _Practice.ahead is None else real + timedelta(seconds=float(_Practice.ahead.read_text()))


def follow(file: Path) -> None:
    """Makes this process use the clock of a practice room, whose offset is in this file. If the file is missing, writes
    it with an offset of 0.
    """
    if not file.exists():
        put_ahead(file, timedelta())
    _Practice.ahead = file


def put_ahead(file: Path, ahead: timedelta) -> None:
    """Moves the clock of a practice room. A process that reads the clock meanwhile gets the old or new time."""
    made = file.with_suffix(".new")
    made.write_text(f"{ahead.total_seconds()}")
    made.replace(file)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def day_of(moment: datetime) -> date:
    """Returns the calendar day in Amsterdam. Example: 23:30 UTC in summer belongs to the next day in Amsterdam."""
    return moment.astimezone(AMSTERDAM).date()


def local_time(moment: datetime) -> str:
    """Returns day and time in Amsterdam, in the form that the command line shows."""
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"


def is_night(moment: datetime, begins: int, ends: int) -> bool:
    """Checks whether it is night in Amsterdam. `begins` is an hour in the evening, `ends` an hour in the morning."""
    return not ends <= moment.astimezone(AMSTERDAM).hour < begins


def start_of(day: date) -> datetime:
    """Returns the moment at which this day begins in Amsterdam."""
    return datetime.combine(day, time.min, AMSTERDAM).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Returns the last second of this day in Amsterdam. Work that is due on the day is late after this second."""
    return start_of(day + timedelta(days=1)) - timedelta(seconds=1)


def moment_of(day: date, at: time) -> datetime:
    """Returns the moment of this local time on this day in Amsterdam."""
    return datetime.combine(day, at, AMSTERDAM).astimezone(UTC)
