"""Codes of requests for a place, and what the state of a registration says of them."""

from enum import StrEnum


class OfClient(StrEnum):
    """What a state of a registration says of its client: the base of `RegistrationStatus`."""

    @property
    def is_sought_for(self) -> bool:
        """Whether a place is sought, and none is kept."""
        return self in {"open", "moving"}

    @property
    def is_kept_for(self) -> bool:
        """Whether a bed is kept until the arrival."""
        return self in {"held", "move_held"}

    @property
    def is_moving(self) -> bool:
        """Whether another place is sought or kept for a client who has one."""
        return self in {"moving", "move_held"}


class RequestKind(StrEnum):
    """Why a place is asked for."""

    FIRST = "first"
    TRANSFER = "transfer"
    ONWARD = "onward"  # another scheme is open, or a lasting place after one for a crisis
    RETURN = "return"  # the case was closed before


ASKED_FOR = (RequestKind.TRANSFER, RequestKind.ONWARD)
"""The kinds that are asked for, for a client who has a place."""


class RequestGround(StrEnum):
    """Why a client is to move who has a place."""

    SAFETY = "safety"
    NEED = "need"
    WISH = "wish"
    SHELTER = "shelter"


class OnwardCause(StrEnum):
    """Why an onward place is to be sought for a client who has a place."""

    SCHEME = "scheme"  # the scheme of the place is no longer open to the client, and another one is
    CRISIS = "crisis"  # the client lives in a place for a crisis for longer than its rule says
    PROFILE = "profile"  # the shelter takes other clients now
    CLOSING = "closing"  # the place closes


class RequestStatus(StrEnum):
    OPEN = "open"
    HELD = "held"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class WithdrawalReason(StrEnum):
    """Why another place is sought no longer, and the client stays."""

    CLIENT_STAYS = "client_stays"
    NEED_MET = "need_met"
    DANGER_OVER = "danger_over"
    GIVEN_UP = "given_up"  # a bed was given back, or a proposal declined, for a reason that ends the search
    ENTERED_IN_ERROR = "entered_in_error"
    OTHER = "other"
