"""Codes of a client who is missing: how it began, who is informed, and how the search ended."""

from enum import StrEnum


class Lost(StrEnum):
    """How it became known that nobody knows where a client is."""

    LEFT = "left"  # left a shelter, to an unknown destination
    NO_ANSWER = "no_answer"  # did not arrive; was rung, and not reached
    NO_NUMBER = "no_number"  # did not arrive, and there is nobody to ring


class Informed(StrEnum):
    """Who is informed that a client is missing."""

    POLICE = "police"
    REGISTRANT = "registrant"
    GUARDIAN = "guardian"  # of a minor
    NIDOS = "nidos"  # guardian of minors who are alone in the country
    YOUTH_PROTECTION = "youth_protection"


class SearchEnd(StrEnum):
    """How a search ended."""

    FOUND = "found"  # it is known where the client is
    RETURNED = "returned"
    CLOSED = "closed"  # the service seeks no more, for a coded reason
    TAKEN_BACK = "taken_back"  # it was reported of the wrong client
