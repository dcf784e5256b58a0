"""The orders in which a reader can sort a list. Pages use codes, with a leading `-` for descending order."""

from enum import StrEnum


class CaseOrder(StrEnum):
    URGENT_FIRST = "urgency"
    URGENT_LAST = "-urgency"
    LONGEST_FIRST = "-waits"
    SHORTEST_FIRST = "waits"


class StayOrder(StrEnum):
    LIMIT_FIRST = "limit"
    LIMIT_LAST = "-limit"
    EARLIEST_FIRST = "since"
    LATEST_FIRST = "-since"


class LimitGroup(StrEnum):
    """A group of stays in the list of stays. The day on which a stay should end determines its group."""

    OVER = "over"
    NEAR = "near"
    LATER = "later"


class HoldOrder(StrEnum):
    NEWEST_FIRST = "-made"
    OLDEST_FIRST = "made"
    DUE_FIRST = "due"


class MessageOrder(StrEnum):
    NEWEST_FIRST = "-made"
    OLDEST_FIRST = "made"
    MOST_TRIES_FIRST = "-tries"
    FEWEST_TRIES_FIRST = "tries"


class AccountOrder(StrEnum):
    ADDRESS = "email"
    ADDRESS_BACKWARDS = "-email"
    ROLE = "role"
    ROLE_BACKWARDS = "-role"


class ReviewOrder(StrEnum):
    NEWEST_FIRST = "-found"
    OLDEST_FIRST = "found"


class PlaceOrder(StrEnum):
    FRESHEST_FIRST = "fresh"
    STALEST_FIRST = "-fresh"
    MOST_FREE_FIRST = "-free"
    FEWEST_FREE_FIRST = "free"
    NAME = "name"
    NAME_BACKWARDS = "-name"
    REGION = "region"
    REGION_BACKWARDS = "-region"
