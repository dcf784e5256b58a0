"""Texts of errors. `{name}` in a text stands for a fact of the error."""

from collections.abc import Mapping

from placement.text.catalogue import Language, translate

__all__ = ["Language", "say", "without_api"]

_KINDS = {
    "stopped_in_doubt": {"cause": "StopCause"},
    "registration_not_changeable": {"status": "RegistrationStatus"},
    "registration_not_open": {"status": "RegistrationStatus"},
    "proposal_not_open": {"status": "ProposalStatus"},
    "decision_not_waiting": {"status": "DecisionStatus"},
    "decision_waits": {"status": "DecisionStatus"},
    "event_not_open": {"status": "EventStatus"},
    "hold_not_open": {"status": "HoldStatus"},
    "hold_not_confirmed": {"status": "HoldStatus"},
    "address_not_shown": {"status": "HoldStatus", "stay": "StayStatus"},
    "case_gone_on": {"status": "RegistrationStatus"},
    "client_not_missing": {"status": "RegistrationStatus"},
    "search_ended": {"end": "SearchEnd"},
    "stay_not_planned": {"status": "StayStatus"},
    "stay_not_in_house": {"status": "StayStatus"},
    "message_settled": {"status": "MessageStatus"},
    "known_here_alone": {"lost": "timeline.part"},
    "merge_into_inactive": {"status": "RegistrationStatus"},
    "blocked_otherwise": {"found": "reason"},
    "linked_otherwise": {"kind": "LinkKind"},
    "link_kind": {"allowed": "LinkKind"},
    "need_twice": {"found": "Specialism"},
    "change_reason_missing": {"allowed": "ChangeReason"},
    "place_breaks": {"rules": "rule"},
    "situation_changed": {"rules": "rule"},
    "review_missing": {"rules": "rule"},
    "rooms_gone": {"why": "RoomsLack"},
    "no_scheme_open": {"rule": "entitlement"},
    "no_rule_of_day": {"kind": "RuleKind"},
    "reason_needed_by_service": {"found": "reason"},
}
"""Facts of errors that are codes, with the context of their labels in the catalogue. The message shows the label, or
`-` without a value.
"""


def without_api(code: str, facts: Mapping[str, object]) -> str:
    """Returns the code of an error's text for readers of pages, who do not know the terms of the API."""
    if code != "place_unknown":
        return code
    return "form_place_meant" if facts.get("allowed") else "form_place_unknown"


def say(code: str, facts: Mapping[str, object], language: Language) -> str:
    """Returns the text of an error. Raises `KeyError` if the code has no text, which is a programming error."""
    kinds = _KINDS.get(code, {})
    shown = {name: _shown(value, kinds.get(name), language) for name, value in facts.items()}
    return translate("error", code, language, **shown)


def _shown(value: object, kind: str | None, language: Language) -> object:
    if isinstance(value, Mapping):
        return value[language]
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(str(_shown(one, kind, language)) for one in value)
    return value if kind is None or value == "-" else translate(kind, value, language)
