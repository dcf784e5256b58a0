"""Codes of the plan of an event."""

from enum import StrEnum

LARGER_BY = 10
"""The factor by which the weight of groups is multiplied in the plan that keeps groups together."""


class PlanKind(StrEnum):
    """A kind of plan. Every plan places the members of the event together with everybody else who waits."""

    WHOLE = "whole"  # the best plan for the members and all other waiting clients together
    SPARE = "spare"  # other waiting clients get the places that they would get without the event
    TOGETHER = "together"  # groups have ten times their weight


class LineState(StrEnum):
    """The state of a member in the plan of an event."""

    NOWHERE = "nowhere"  # waits, and the plan has no place for the member
    PLANNED = "planned"  # waits, and the plan has a place that nobody has accepted
    RESERVED = "reserved"  # accepted, but the desk, a second person or a new count is still needed
    ASKED = "asked"  # accepted, and the shelter was asked
    CONFIRMED = "confirmed"  # the shelter expects the client
    THERE = "there"  # the client has arrived, or lives in a place
    ENDED = "ended"  # the case is closed, or the client is missing
