"""The one place that reads the clock. Stored moments are UTC; a day is a day in Amsterdam."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def now() -> datetime:
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The day in Amsterdam on which this moment falls: at 23:30 UTC in summer it is tomorrow there."""
    return moment.astimezone(AMSTERDAM).date()
