"""The words for audit events."""

from placement.audit.events import Event
from placement.core.codes import Action
from placement.placements.timeline import TOLD
from placement.text.catalogue import Language, translate

WITH_WORDS = frozenset(one for one in Event if one.action in {Action.CHANGE, Action.SIGN_IN} and one not in TOLD)
"""The events that change data, except events for which a case's timeline has its own words."""
_KNOWN = frozenset(Event)


def event_words(code: str, language: Language) -> str:
    """Returns the words for an audit event. For an event that only reads, returns the action. For an event that this
    version does not know, returns its code.
    """
    if code not in _KNOWN:
        return code
    event = Event(code)
    if event in TOLD:
        return translate("timeline", code, language)
    if event in WITH_WORDS:
        return translate("event", code, language)
    return f"{translate('Action', event.action.value, language)} ({code})"
