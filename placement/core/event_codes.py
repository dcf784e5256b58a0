"""Codes of events, such as a raid or an evacuation, that bring many clients at once."""

from datetime import timedelta
from enum import StrEnum

KEPT_BEFORE = timedelta(days=5)
"""The number of days before an event from which its beds are reserved, unless the desk chooses another day."""

MOST_MEMBERS = 400
"""The largest number of rows of members in an event (assumed)."""


class EventKind(StrEnum):
    """The kind of an event."""

    RAID = "raid"
    EVACUATION = "evacuation"
    OTHER = "other"


class EventStatus(StrEnum):
    """The state of an event."""

    PLANNED = "planned"  # members and places are collected; beds are reserved from the day that the desk chose
    UNDER_WAY = "under_way"  # beds are reserved, and the members travel
    DONE = "done"  # a person of the desk ended it; each member is an ordinary case
