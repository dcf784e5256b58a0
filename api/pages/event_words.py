"""The words for audit events."""

from placement.audit.events import Event
from placement.core.codes import Action
from placement.placements.timeline import TOLD
from placement.text.catalogue import Language, translate

WITH_WORDS = frozenset(one for one in Event if one.action in {Action.CHANGE, Action.SIGN_IN} and one not in TOLD)
"""The events that change data, except those for which the timeline has words."""
_KNOWN = frozenset(Event)


def event_words(code: str, language: Language) -> str:
    """Returns the text of an audit event. A read gets the text of its action, with its code; an event of a newer
    version gets its code.
    """
    if code not in _KNOWN:
        return code
    event = Event(code)
    if event in TOLD:
        return translate("timeline", code, language)
    if event in WITH_WORDS:
        return translate("event", code, language)
    return f"{translate('Action', event.action.value, language)} ({code})"
