"""Closed lists about doubt. A row *in doubt* is not as the service wrote it. The log can be in doubt too."""

from enum import StrEnum


class RowKind(StrEnum):
    """The kind of object to which a row in doubt belongs, in words that the desk knows."""

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
    """The difference between a stored row and the log's statement about it."""

    CHANGED = "changed"
    """The seal of the row does not match its content."""
    OLDER = "older"
    """The row is another version than the log states."""
    DELETED = "deleted"
    ADDED = "added"
    NEIGHBOUR = "neighbour"
    """The row matches the log, but the neighbouring row that protects it does not."""
    UNREADABLE = "unreadable"
    """A value of the row has the wrong type for its column. Only an operator can repair the row."""


class RowRelease(StrEnum):
    """The fate of a row whose seal does not match, after two persons have released it."""

    ACCEPTED = "accepted"
    """The row is valid again, with its present values. A deleted row stays deleted."""
    STAYS = "stays"
    """The row grants access, and the log has no copy of it. It is treated as absent until the operator accepts it by
    name.
    """


class StopCause(StrEnum):
    """The reasons why the service refuses all acts that cannot be reversed."""

    LOG = "log"
    """The log was truncated, changed, or replaced by an older copy."""
    SUMS = "sums"
    """The sum of all rows differs from the log, and no single row explains the difference."""
    ROWS = "rows"
    """Too many rows are in doubt."""
    WATCHER = "watcher"
    """The state of rows and log is unknown, because they were not checked in time or the result cannot be stored."""
