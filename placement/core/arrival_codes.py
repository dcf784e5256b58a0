"""Codes of an arrival that does not come."""

from enum import StrEnum


class Rung(StrEnum):
    """What came of ringing about a client who was expected."""

    NOT_COMING = "not_coming"  # reached, and the client does not come
    NO_ANSWER = "no_answer"  # rung, and not reached
    NO_NUMBER = "no_number"  # there is nobody to ring
