"""Acts of the meantime: what happened while the service was away, entered afterwards with its real time."""

from dataclasses import replace
from datetime import datetime, timedelta

from placement.core.clock import AMSTERDAM
from placement.core.context import Act
from placement.core.errors import Invalid

LONGEST = timedelta(days=14)
"""The furthest back that an act is entered (assumed)."""


def as_of(act: Act, happened_at: datetime | None, follows: datetime | None = None) -> Act:
    """The same act, which really happened then: its events say both times. None: now.

    `follows`: when that happened which comes before it. Raises `Invalid` at `happened_at` for a moment in the future,
    too long ago, or before that.
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
