"""Codes of leaving the service."""

from enum import StrEnum


class LeaveKind(StrEnum):
    """What leaves the service, or is destroyed, under the approval of two persons."""

    EXPORT_PEOPLE = "export_people"  # every case and its history, encrypted for one recipient
    DESTROY_KEYS = "destroy_keys"  # every data key


class LeaveReason(StrEnum):
    """Why clients' data leaves the service, or is destroyed."""

    LEAVING = "leaving"  # the organisation stops using the service
    HANDOVER = "handover"  # another organisation takes the work over
    AUTHORITY = "authority"  # an authority demands it by law
