"""Codes of registrations that registrants send in."""

from datetime import timedelta
from enum import StrEnum

from placement.core.codes import Registrant


class SentState(StrEnum):
    """The only facts about the progress of a registration that its registrant sees."""

    DRAFT = "draft"
    RECEIVED = "received"
    QUESTION = "question"  # the desk waits for an answer of the registrant
    PLACING = "placing"  # from the acceptance until the case is closed, whatever happens meanwhile
    CLOSED = "closed"


class SentMessageKind(StrEnum):
    QUESTION = "question"  # of the desk; all others are the registrant's
    ANSWER = "answer"
    NEWS = "news"
    WITHDRAWAL = "withdrawal"


class ConsentTo(StrEnum):
    """The act to which the client has to consent."""

    REGISTERING = "registering"  # to register the client at all
    SHARING = "sharing"  # to pass the facts on to a shelter


class CallNeeded(StrEnum):
    """The reason why the desk calls the registrant's own organisation before it accepts a registration."""

    LINK = "link"  # sent without an account
    FIRST = "first"  # the first of its organisation
    DANGER = "danger"  # of a new sender, with a danger point in the region of a shelter
    DENIED = "denied"  # the organisation does not know the registration


REGISTER_BY_LAW = frozenset({Registrant.NP, Registrant.KMAR, Registrant.NLA})
"""Registrants that register by law; all others need the client's consent (`docs/domain.md`, section 5)."""
CONSENT_WITHIN = timedelta(days=1)
"""The term of a question about a missing consent (assumed)."""
ANSWER_WITHIN = timedelta(hours=4)
"""The term of another question, unless the desk gives another (assumed)."""
MOST_MESSAGES = 100
"""The most messages about a registration."""
