"""The closed lists about the notification of tasks and the sending of the report."""

from enum import StrEnum


class AtOnce(StrEnum):
    """The tasks of which a person is mailed at once; reminders and late tasks are always mailed."""

    ALL = "all"
    URGENT = "urgent"  # about a client who needs a place tonight, did not arrive, or lost a place
    NONE = "none"


class NoticeMark(StrEnum):
    """The mark at which a task was notified; once at each."""

    NEW = "new"
    LATE = "late"  # to the next person
    UNSEEN = "unseen"  # to the next person: a hold for tonight at which nobody has looked


class ReminderKind(StrEnum):
    HOLD_WAITS = "hold_waits"  # a shelter has not answered yet
    STAY_IS_LONG = "stay_is_long"  # near the limit of a stay, or at it
    COUNT_IS_MISSING = "count_is_missing"  # a shelter has no fresh count


class Rhythm(StrEnum):
    """The frequency of a user's report."""

    NEVER = "never"
    DAILY = "daily"
    WEEKDAYS = "weekdays"  # from Monday to Friday
    WEEKLY = "weekly"  # on Monday


class MailForm(StrEnum):
    """The content of the mail of a report, besides its link."""

    LINK = "link"
    PDF = "pdf"
    CSV = "csv"
