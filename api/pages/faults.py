"""The errors of a form in words, by field."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from babel import Locale
from babel.dates import format_date

from placement.core.errors import Fault, Invalid, PlacementError
from placement.core.telephone import DOUBTS
from placement.text.catalogue import Language, translate
from placement.text.days import day_with_name
from placement.text.messages import say, without_api

_ON_A_PAGE = {
    "invalid": "form_invalid",
    "not_listed": "not_chosen",
    "reason_missing": "not_chosen",
    "text_missing": "form_text_missing",
    "csrf_refused": "form_refused",
    "server_fault": "form_server_fault",
    "language_missing": "no_language_chosen",
    "second_factor_needed": "form_second_factor",
    "missing": "empty",
    "role_may_not": "form_role_may_not",
    "rung_missing": "form_rung_missing",
    "change_reason_missing": "form_change_reason_missing",
    "reason_unknown": "not_chosen",
    "link_kind": "not_chosen",
    "language_unknown": "form_language_unknown",
    "not_a_day": "form_day_missing",
    "not_a_moment": "form_moment_missing",
}
"""Error codes with another text on pages, because readers of pages see no codes and ids."""
_CODED = {
    "organisation_does_not_fit": {"role": "Role", "expected": "OrganisationKind"},
    "role_not_a_persons": {"expected": "Role"},
}
"""Facts of errors that are codes: by error code and fact, the list with the labels."""
_A_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_REFERENCES = {"other", "keep_apart", "stay_with", "apart_from"}
"""Fields that contain the reference of another case."""
_IN_A_LIST = re.compile(r"^(?!languages|interpreter_languages)(\w+)\.[0-9]+$")
"""An item of a list field, such as `keep_apart.0`. (Languages have a field for each item.)"""

_MEANT = {"place_unknown", "place_ambiguous", "form_day_meant", "telephone_country"}


class Faults(dict[str, str]):
    """Errors by field. The template adds the labels and ids of its fields, for the summary above the form."""

    def __init__(self, found: Mapping[str, str]) -> None:
        super().__init__(found)
        self.labels: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.meant: dict[str, list[str]] = {}
        """By field: the words that a misspelt word may mean."""
        self.doubted: set[str] = set()
        """Fields with an improbable telephone number, which the user can confirm."""

    def called(self, field: str, label: str, id: str) -> str:  # noqa: A002  (as HTML calls it)
        self.labels[field], self.ids[field] = label, id
        return ""

    def leads_to(self, field: str, page: str) -> str | None:
        """Returns the id of the field on the page, or else of its error text; `None` if the page has neither."""
        ids = self.ids.get(field, field), f"{field}-fault"
        return next((one for one in ids if f'id="{one}"' in page), None)

    def in_order(self) -> list[tuple[str, str]]:
        """Returns the errors in the order of the page. Errors without a field come first."""
        places = {field: place for place, field in enumerate(self.labels)}
        return sorted(self.items(), key=lambda one: places.get(one[0], -1))


@contextmanager
def renamed(fields: Mapping[str, str]) -> Iterator[None]:
    """Changes the fields of errors from API names to form names."""
    try:
        yield
    except Invalid as error:
        own = [replace(fault, field=fields.get(fault.field, fault.field)) for fault in error.faults]
        raise Invalid(own) from error


def faults_of(error: PlacementError, language: Language) -> Faults:
    """Returns the errors of a form. Several errors of a field are joined."""
    found = [_on_a_page(fault, language) for fault in (error.faults if isinstance(error, Invalid) else ())]
    words: dict[str, list[str]] = {}
    for fault in found:
        words.setdefault(_IN_A_LIST.sub(r"\1", fault.field), []).append(message_of(fault.code, fault.facts, language))
    faults = Faults({field: " ".join(dict.fromkeys(said)) for field, said in words.items()})
    faults.meant = {fault.field: list(fault.facts["allowed"]) for fault in found if fault.code in _MEANT}
    faults.doubted = {fault.field for fault in found if fault.code in DOUBTS}
    return faults


def _on_a_page(fault: Fault, language: Language) -> Fault:
    if fault.code == "not_a_code" and _IN_A_LIST.sub(r"\1", fault.field) in _REFERENCES:
        return replace(fault, code="form_reference")
    if fault.code != "form_day_meant":
        return fault
    days = [day_with_name(day, language) for day in fault.facts["allowed"]]
    return Fault(fault.field, fault.code, {**fault.facts, "allowed": days})


def message_of(code: str, facts: Mapping[str, object], language: Language) -> str:
    """Returns the text of an error for readers of pages."""
    code = without_api(code, facts)
    kinds = _CODED.get(code, {})
    shown = {name: _shown(value, kinds.get(name), language) for name, value in facts.items()}
    return say(_ON_A_PAGE.get(code, code), shown, language)


def _shown(fact: object, kind: str | None, language: Language) -> object:
    """Returns the label of a code, or a formatted day."""
    if kind:
        codes = fact if isinstance(fact, list | tuple) else [fact]
        return ", ".join(translate(kind, code, language).lower() for code in codes)
    if isinstance(fact, str) and _A_DAY.match(fact):
        return format_date(date.fromisoformat(fact), "d MMM y", locale=Locale(language))
    return fact
