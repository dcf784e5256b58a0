"""Late entries: events that happened during an outage, entered afterwards with their real time."""

from dataclasses import replace
from datetime import datetime, timedelta

from placement.core.clock import AMSTERDAM
from placement.core.context import Act
from placement.core.errors import Invalid

LONGEST = timedelta(days=14)
"""The largest age of an event that can still be entered (assumed)."""


def as_of(act: Act, happened_at: datetime | None, follows: datetime | None = None) -> Act:
    """Returns an act with the real time of the event; its audit events record both times. If `happened_at` is `None`,
    the event happens now. `follows`: the time of the preceding event. Raises `Invalid` at `happened_at` if the time is
    in the future, too long ago, or earlier than `follows`.
    """
    if happened_at is None:
        return act
    if happened_at > act.at:
        raise Invalid.at("happened_at", "not_yet_happened")
    if happened_at < act.at - LONGEST:
        raise Invalid.at("happened_at", "happened_too_long_ago", days=LONGEST.days)
    if follows is not None and happened_at < follows:
        raise Invalid.at(
            "happened_at", "happened_before_what_it_follows", follows=f"{follows.astimezone(AMSTERDAM):%d-%m %H:%M}"
        )
    return replace(act, happened_at=happened_at)
