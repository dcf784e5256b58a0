"""Codes of the timeline of a case."""

from enum import StrEnum


class About(StrEnum):
    """The subject of a detail in an entry of the timeline."""

    REASON = "reason"  # a coded reason
    EFFECT = "effect"  # the automatic effect of the reason
    TEXT = "text"  # free text
    PLACE = "place"  # unit and shelter, by name
    HAPPENED = "happened"  # the time at which a late entry happened
    EXPECTED = "expected"  # the moment at which the client arrives
    AGAIN_ON = "again_on"  # the next day of review
    RUNG = "rung"  # the result of the telephone call about a client who did not arrive
    FIELDS = "fields"  # the facts that were changed
    BROKEN = "broken"  # the hard rules that the placement breaks
    CLIENT = "client"  # the client's own answer to the place
    KIND = "kind"  # the kind of a decision, an avoidance or a link
    TARGET = "target"  # the thing that is avoided
    OTHER = "other"  # another registration
    MAILED = "mailed"  # the number of mails delivered
    CALLED = "called"  # the number of systems notified
    WAITING = "waiting"  # the number of deliveries that are still waiting
    FAILED = "failed"  # the number of failed deliveries
