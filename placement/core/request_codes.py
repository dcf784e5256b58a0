"""Codes of requests for a place, and properties that follow from the state of a registration."""

from enum import StrEnum


class OfClient(StrEnum):
    """Base of `RegistrationStatus`: properties that follow from the state of a registration."""

    @property
    def is_sought_for(self) -> bool:
        """True if a place is sought but not kept yet."""
        return self in {"open", "moving"}

    @property
    def is_kept_for(self) -> bool:
        """True if a bed is kept until the arrival."""
        return self in {"held", "move_held"}

    @property
    def is_moving(self) -> bool:
        """True if a client with a place waits for another place, sought or kept."""
        return self in {"moving", "move_held"}


class RequestKind(StrEnum):
    """The reason of a request for a place."""

    FIRST = "first"
    TRANSFER = "transfer"
    ONWARD = "onward"  # another scheme is open, or a lasting place after a crisis bed
    RETURN = "return"  # the case was closed before


ASKED_FOR = (RequestKind.TRANSFER, RequestKind.ONWARD)
"""The kinds of requests for clients who already have a place."""


class RequestGround(StrEnum):
    """The reason for which a client with a place must move."""

    SAFETY = "safety"
    NEED = "need"
    WISH = "wish"
    SHELTER = "shelter"


class OnwardCause(StrEnum):
    """The cause for which an onward place must be sought for a client with a place."""

    SCHEME = "scheme"  # the scheme of the place is closed to the client, and another is open
    CRISIS = "crisis"  # the client has lived in a crisis bed for longer than its rule allows
    PROFILE = "profile"  # the shelter now takes other clients
    CLOSING = "closing"  # the place closes


class RequestStatus(StrEnum):
    OPEN = "open"
    HELD = "held"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class WithdrawalReason(StrEnum):
    """The reason for which the search for another place ends, and the client stays."""

    CLIENT_STAYS = "client_stays"
    NEED_MET = "need_met"
    DANGER_OVER = "danger_over"
    GIVEN_UP = "given_up"  # a bed was released, or a proposal declined, for a reason that ends the search
    ENTERED_IN_ERROR = "entered_in_error"
    OTHER = "other"
