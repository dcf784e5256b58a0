"""Codes about a missing client: how the search begins, who is informed, and how it ends."""

from enum import StrEnum


class Lost(StrEnum):
    """The way in which a client was lost."""

    LEFT = "left"  # left a shelter for an unknown destination
    NO_ANSWER = "no_answer"  # did not arrive, and did not answer the telephone
    NO_NUMBER = "no_number"  # did not arrive, and had no number to call


class Informed(StrEnum):
    """The bodies and persons who are informed that a client is missing."""

    POLICE = "police"
    REGISTRANT = "registrant"
    GUARDIAN = "guardian"  # the guardian of a minor
    NIDOS = "nidos"  # guardian of minors who are alone in the country
    YOUTH_PROTECTION = "youth_protection"


class SearchEnd(StrEnum):
    """How a search ended."""

    FOUND = "found"  # the client's place is known
    RETURNED = "returned"
    CLOSED = "closed"  # the search is given up, for a coded reason
    TAKEN_BACK = "taken_back"  # the client was wrongly reported missing
