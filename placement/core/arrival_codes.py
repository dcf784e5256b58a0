"""Codes for a client who was expected but did not arrive."""

from enum import StrEnum


class Rung(StrEnum):
    """The result of a telephone call about an expected client."""

    NOT_COMING = "not_coming"  # reached, and the client does not come
    NO_ANSWER = "no_answer"  # called, and not reached
    NO_NUMBER = "no_number"  # there is nobody to call
