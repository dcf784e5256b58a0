"""Codes of leaving the service."""

from enum import StrEnum


class LeaveKind(StrEnum):
    """The act of leaving that two persons approve."""

    EXPORT_PEOPLE = "export_people"  # every case and its history, encrypted for one recipient
    DESTROY_KEYS = "destroy_keys"  # every data key


class LeaveReason(StrEnum):
    """The reason for which clients' data leaves the service, or is destroyed."""

    LEAVING = "leaving"  # the organisation stops using the service
    HANDOVER = "handover"  # another organisation takes the work over
    AUTHORITY = "authority"  # an authority demands it by law
