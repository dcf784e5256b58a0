"""Closed lists for notifications of tasks, and for mails with the report."""

from enum import StrEnum


class AtOnce(StrEnum):
    """The tasks about which a person is mailed immediately. Mails about reminders and late tasks are always sent."""

    ALL = "all"
    URGENT = "urgent"  # about a client who needs a place tonight, did not arrive, or lost a place
    NONE = "none"


class NoticeMark(StrEnum):
    """The reason for a notification. For each reason, a person is notified of a task at most once."""

    NEW = "new"
    LATE = "late"  # the task is late, and goes to the next person
    UNSEEN = "unseen"  # nobody has looked at a hold for tonight, so the task goes to the next person
    PUSH = "push"  # the steps of the escalation of tonight's tasks (`placement/notifications/escalation.py`)
    SMS = "sms"
    ON_CALL = "on_call"
    NUMBERS = "numbers"


class ReminderKind(StrEnum):
    HOLD_WAITS = "hold_waits"  # a shelter has not answered yet
    STAY_IS_LONG = "stay_is_long"  # near the limit of a stay, or at it
    COUNT_IS_MISSING = "count_is_missing"  # a shelter has no fresh count


class Rhythm(StrEnum):
    """How often a user receives the report."""

    NEVER = "never"
    DAILY = "daily"
    WEEKDAYS = "weekdays"  # from Monday to Friday
    WEEKLY = "weekly"  # on Monday


class MailForm(StrEnum):
    """The attachment of a report mail, in addition to the link in its text."""

    LINK = "link"
    PDF = "pdf"
    CSV = "csv"
