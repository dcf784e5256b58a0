"""Codes of the hours of duty: the course of decisions outside them, and the desk's later answer."""

from enum import StrEnum


class OutOfHours(StrEnum):
    """The course of a coordinator's accepted first proposal that waits for the desk while nobody is on duty or call."""

    WAIT = "wait"  # the beds are kept until an hour after duty begins
    PROVISIONAL = "provisional"  # the shelter is asked under a standing mandate; the desk confirms in the morning


class DeskAfterwards(StrEnum):
    """The desk's answer to a decision that was carried out under a standing mandate."""

    WAITS = "waits"  # the desk has not answered yet
    AGREED = "agreed"
    SENT_BACK = "sent_back"  # the beds are released; a client who lives there stays until there is another place
