"""The closed lists of what is told of tasks, and how the report is sent."""

from enum import StrEnum


class AtOnce(StrEnum):
    """Of what a person is mailed at once; reminders and what is late are mailed all the same."""

    ALL = "all"
    URGENT = "urgent"  # about who needs a place tonight, did not arrive, or lost a place
    NONE = "none"


class NoticeMark(StrEnum):
    """At which of its marks a task was told; once at each."""

    NEW = "new"
    LATE = "late"  # to the next
    UNSEEN = "unseen"  # to the next: a hold for tonight at which nobody has looked


class ReminderKind(StrEnum):
    HOLD_WAITS = "hold_waits"  # a shelter has not answered yet
    STAY_IS_LONG = "stay_is_long"  # near the limit of a stay, or at it
    COUNT_IS_MISSING = "count_is_missing"  # a shelter has no fresh count


class Rhythm(StrEnum):
    """How often a user gets the report."""

    NEVER = "never"
    DAILY = "daily"
    WEEKDAYS = "weekdays"  # from Monday to Friday
    WEEKLY = "weekly"  # on Monday


class MailForm(StrEnum):
    """What the email of a report holds, besides its link."""

    LINK = "link"
    PDF = "pdf"
    CSV = "csv"
