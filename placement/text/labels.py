"""Labels for codes, as users see them."""

from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from types import ModuleType

from placement.text.catalogue import Language, translate

_MODULES = (
    "area_codes",
    "arrival_codes",
    "codes",
    "consent_codes",
    "count_codes",
    "doubt_codes",
    "duty_codes",
    "enquiry_codes",
    "event_codes",
    "leave_codes",
    "link_codes",
    "list_orders",
    "need_codes",
    "notice_codes",
    "place_codes",
    "plan_codes",
    "practice_codes",
    "reason_codes",
    "registrant_codes",
    "request_codes",
    "rule_codes",
    "second_person_codes",
    "telephone_codes",
    "timeline_codes",
    "whereabouts_codes",
)
"""Modules of `placement.core` with lists of codes."""
_UNSEEN = {"LedgerSpan", "NoticeMark", "OfClient", "OutOfHours", "Protocol", "Sees", "StoreFact", "WaitedBand", "Whose"}
"""Lists of codes that people never see, so they have no labels."""


def _lists_in(module: ModuleType) -> Iterator[type[Enum]]:
    for one in vars(module).values():
        if isinstance(one, type) and issubclass(one, Enum) and one.__module__ == module.__name__:
            yield one


KINDS: Mapping[str, type[Enum]] = {
    kind.__name__: kind
    for name in _MODULES
    for kind in _lists_in(import_module(f"placement.core.{name}"))
    if kind.__name__ not in _UNSEEN
}
"""The lists of codes that have labels. The name of a list is the context of its labels in the catalogue."""


def label(kind: str, code: object, language: Language) -> str:
    """Returns the label of a code, for example `label("Scheme", "womens", "en")`. Raises `ValueError` if the code is
    not in that list.
    """
    return translate(kind, KINDS[kind](code).value, language)


TROUBLES = frozenset(
    {
        "address_not_taken",
        "cannot_be_written",
        "account_disabled",
        "webhook_disabled",
        "smtp_sign_in_refused",
        "tls_failed",
        "certificate_not_valid_now",
        "certificate_of_another_name",
        "certificate_not_trusted",
        "no_answer_in_time",
        "no_connection",
        "address_forbidden",
        "device_removed",
        "no_number",
        "sms_not_set_up",
    }
)


def trouble_in_words(code: str, language: Language) -> str:
    """Returns the reason why a message was not delivered. A code that the receiver answered (`smtp_550`, `http_500`) is
    shown unchanged.
    """
    return translate("trouble", code if code in TROUBLES else "answer", language, code=code)
