"""Codes of the timeline of a case."""

from enum import StrEnum


class About(StrEnum):
    """What a detail of an entry is."""

    REASON = "reason"  # a coded reason
    EFFECT = "effect"  # what follows from the reason by itself
    TEXT = "text"  # in free words
    PLACE = "place"  # unit and shelter, by name
    HAPPENED = "happened"  # when it really happened, of what was entered afterwards
    EXPECTED = "expected"  # the moment at which the client arrives
    AGAIN_ON = "again_on"  # the next day on which it is looked at
    RUNG = "rung"  # what came of ringing about who did not come
    FIELDS = "fields"  # the facts that were changed
    BROKEN = "broken"  # the hard rules that break by it
    CLIENT = "client"  # the client's own answer to the place
    KIND = "kind"  # of a decision, an avoidance, a link
    TARGET = "target"  # what is avoided
    OTHER = "other"  # another registration
    MAILED = "mailed"  # how many were told by mail
    CALLED = "called"  # how many systems were told
    WAITING = "waiting"  # how many are still to be told
    FAILED = "failed"  # how many could not be told
