"""Codes for decisions outside the hours of duty: how they proceed, and how the desk answers afterwards."""

from enum import StrEnum


class OutOfHours(StrEnum):
    """The handling of an accepted first proposal that needs the desk, if nobody is on duty or on call."""

    WAIT = "wait"  # the beds are reserved until an hour after duty begins
    PROVISIONAL = "provisional"  # the shelter is asked under a standing mandate; the desk answers in the morning


class DeskAfterwards(StrEnum):
    """The desk's later answer to a decision that was carried out under a standing mandate."""

    WAITS = "waits"  # the desk has not answered yet
    AGREED = "agreed"
    SENT_BACK = "sent_back"  # the beds are released; a client in house stays until another place is found
