"""Codes of registrations that registrants send in."""

from datetime import timedelta
from enum import StrEnum
from typing import TypedDict

from placement.core.codes import Registrant


class SentState(StrEnum):
    """The state of a registration as its registrant sees it. The registrant sees no other progress."""

    DRAFT = "draft"
    RECEIVED = "received"
    QUESTION = "question"  # the desk waits for an answer of the registrant
    PLACING = "placing"  # from the acceptance until the case is closed, whatever happens in between
    CLOSED = "closed"


class SentMessageKind(StrEnum):
    QUESTION = "question"  # a question of the desk; all other kinds of messages are from the registrant
    ANSWER = "answer"
    NEWS = "news"
    WITHDRAWAL = "withdrawal"


class ConsentTo(StrEnum):
    """The act to which the client must consent."""

    REGISTERING = "registering"  # to register the client at all
    SHARING = "sharing"  # to pass the facts on to a shelter


class CallNeeded(StrEnum):
    """The reason why the desk calls the registrant's own organisation before it accepts a registration."""

    LINK = "link"  # the registration was sent by a link, without an account
    FIRST = "first"  # the registration is the first of its organisation
    DANGER = "danger"  # a first-time sender named a danger point in the region of a shelter
    DENIED = "denied"  # the organisation does not know the registration


class DayFigures(TypedDict, total=False):
    """Figures in the audit event of a sent registration, about its organisation in the last 24 hours. The anomaly rules
    compare them with their limits.
    """

    sent_in_a_day: int
    """The number of registrations."""
    danger_regions_in_a_day: int
    """The number of regions with danger points of these registrations. Ignores the region of the sending unit."""


REGISTER_BY_LAW = frozenset({Registrant.NP, Registrant.KMAR, Registrant.NLA})
"""Registrants that register by law; all others need the client's consent (`docs/domain.md`, section 5)."""
CONSENT_WITHIN = timedelta(days=1)
"""The time for answering a question about a missing consent (assumed)."""
ANSWER_WITHIN = timedelta(hours=4)
"""The time for answering any other question, unless the desk sets another time (assumed)."""
MOST_MESSAGES = 100
"""The largest number of messages about a registration."""
