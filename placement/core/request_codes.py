"""Codes of requests for a place, and properties that follow from the state of a registration."""

from enum import StrEnum


class OfClient(StrEnum):
    """Base of `RegistrationStatus`, with properties that follow from a registration's state."""

    @property
    def is_unregistered(self) -> bool:
        """True until the client is registered: the case waits for the desk, or is a draft."""
        return self in {"received", "draft"}

    @property
    def is_sought_for(self) -> bool:
        """True if a place is sought and no bed is held yet."""
        return self in {"open", "moving"}

    @property
    def is_kept_for(self) -> bool:
        """True if a bed is held, and the client has not arrived yet."""
        return self in {"held", "move_held"}

    @property
    def is_moving(self) -> bool:
        """True if the client has a place, and another place is sought or held."""
        return self in {"moving", "move_held"}


class RequestKind(StrEnum):
    """The kind of a request for a place."""

    FIRST = "first"
    TRANSFER = "transfer"
    ONWARD = "onward"  # another scheme is open to the client, or a crisis bed must be followed by a lasting place
    EVACUATION = "evacuation"  # the place must be left at once
    RETURN = "return"  # the case was closed before


ASKED_FOR = (RequestKind.TRANSFER, RequestKind.ONWARD)
"""The kinds of requests for clients who already have a place."""


class RequestGround(StrEnum):
    """The reason why a client must move from the present place."""

    SAFETY = "safety"
    NEED = "need"
    WISH = "wish"
    SHELTER = "shelter"


class OnwardCause(StrEnum):
    """The reason why an onward place is needed for a client who has a place."""

    SCHEME = "scheme"  # the scheme of the place is closed to the client, and another is open
    CRISIS = "crisis"  # the client has lived in a crisis bed for longer than its rule allows
    PROFILE = "profile"  # the shelter no longer admits such clients
    CLOSING = "closing"  # the place closes


class RequestStatus(StrEnum):
    OPEN = "open"
    HELD = "held"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class WithdrawalReason(StrEnum):
    """The reason why the search for another place ends while the client stays at the present place."""

    CLIENT_STAYS = "client_stays"
    NEED_MET = "need_met"
    DANGER_OVER = "danger_over"
    GIVEN_UP = "given_up"  # a bed was released or a proposal declined, for a reason that ends the search
    ENTERED_IN_ERROR = "entered_in_error"
    OTHER = "other"
