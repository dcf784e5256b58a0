"""Codes of the acts of leaving the service, and their reasons."""

from enum import StrEnum


class LeaveKind(StrEnum):
    """An act of leaving the service that two persons must approve."""

    EXPORT_PEOPLE = "export_people"  # every case and its history, encrypted for one recipient
    DESTROY_KEYS = "destroy_keys"  # every data key


class LeaveReason(StrEnum):
    """The reason why clients' data leaves the service or is destroyed."""

    LEAVING = "leaving"  # the organisation stops using the service
    HANDOVER = "handover"  # another organisation takes the work over
    AUTHORITY = "authority"  # an authority demands it by law
