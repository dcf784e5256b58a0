"""Closed lists about rows and a log that are not as the service wrote them."""

from enum import StrEnum


class RowKind(StrEnum):
    """The subject of a row in doubt, in a word that a person of the desk knows."""

    ACCOUNT = "account"
    SIGN_IN = "sign_in"
    KEY = "key"
    CASE = "case"
    DECISION = "decision"
    PLACE = "place"
    RULE = "rule"
    DUTY = "duty"
    TELEPHONE = "telephone"
    REQUEST = "request"
    FINDING = "finding"
    OTHER = "other"


class RowChange(StrEnum):
    """The difference between a row as it is stored and the statement of the log."""

    CHANGED = "changed"
    """The seal of the row does not fit its content."""
    OLDER = "older"
    """The row is another version than the log states."""
    DELETED = "deleted"
    ADDED = "added"
    NEIGHBOUR = "neighbour"
    """The row is as the log states, but a row that protects this row is not."""
    UNREADABLE = "unreadable"
    """A value of the row does not fit its column. Only an operator can repair the row."""


class RowRelease(StrEnum):
    """The effect of a release on a row in doubt."""

    ACCEPTED = "accepted"
    """The row is valid again, with its present values or as deleted."""
    STAYS = "stays"
    """The row grants access, and the log has no copy of it: it stays absent until the operator accepts it by name."""


class StopCause(StrEnum):
    """The reasons why the service stops what cannot be taken back."""

    LOG = "log"
    """The log was cut off, put back or changed."""
    SUMS = "sums"
    """The rows differ from the log, and no row explains the difference."""
    ROWS = "rows"
    """Too many rows are in doubt."""
    WATCHER = "watcher"
    """Rows and log were not checked in time, or the result cannot be stored."""
