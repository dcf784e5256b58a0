"""Codes for a client who was expected but did not arrive."""

from enum import StrEnum


class Rung(StrEnum):
    """The result of a telephone call about a client who did not arrive."""

    NOT_COMING = "not_coming"  # somebody answered: the client does not come
    NO_ANSWER = "no_answer"  # nobody answered
    NO_NUMBER = "no_number"  # there is nobody to call
