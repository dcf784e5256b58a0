"""The form with which a registration is sent in: by a registrant who is signed in, or by a caller with a link."""

from collections.abc import Callable, Collection, Sequence

from litestar import Response

from api.pages.area_choices import Choices
from api.pages.case_form import Facts, facts_of
from api.pages.form_results import given
from api.pages.forms import OURS, Form
from api.pages.frame import Page, Wrong, page
from api.pages.translation import reader_language
from api.v1.all_faults import complete
from api.v1.registration_input import RegistrationPatch
from api.v1.sent_registrations import SentRegistrationIn
from placement.core.errors import Fault
from placement.core.geography import place_names
from placement.text.languages import spoken_names

_PERSONS, _MORE = 3, 4
"""How many person rows an empty form has, and how many the button *more persons* adds."""
_ROWS = {"languages": 3, "threats": 3}
_NOT_KEPT = OURS | {"then"}


def typed(form: Form) -> list[tuple[str, str]]:
    """Returns the filled fields of a form, to store them as a draft."""
    return [(name, value) for name, value in form.fields if value.strip() and name not in _NOT_KEPT]


def said(form: Form, ask: Callable[[RegistrationPatch, Facts], Sequence[Fault]], draft: str = "") -> SentRegistrationIn:
    """Converts the form into input for the API. `ask`: checks the readable fields against the rules of a registration,
    and returns their faults.

    Raises `Invalid` with every fault.
    """
    facts = {name: value for name, value in facts_of(form).items() if name in SentRegistrationIn.model_fields}
    chosen: Facts = {name: value for name, value in facts.items() if name != "residence_basis" or value}
    chosen |= form.optional("registrant_unit", "telephone")
    chosen |= {name: form.get(name) == "yes" for name in ("registering", "sharing")} | {"draft": draft or None}
    missing = () if form.get("urgency") else (Fault("urgency", "not_chosen"),)
    return complete(SentRegistrationIn, chosen, lambda rest: ask(rest, chosen), missing, given)


def sent_form(
    request: Page,
    action: str,
    areas: Choices,
    wrong: Wrong | None = None,
    *,
    units: Collection[tuple[str, str]] = (),
    by_law: bool = False,
    filled: Form | None = None,
    draft: str | None = None,
) -> Response[str]:
    """Shows the form. `units`: the units that the sender can choose. `by_law`: the form does not ask for the client's
    consent.
    `draft`: the id of the draft that the form continues.
    """
    language = reader_language(request)
    shown = (wrong.typed if wrong else None) or filled
    persons = len(shown.rows("persons")) if shown else 0
    more = _MORE if shown and shown.get("then") == "more" else 0
    rows = {name: max(most, len(shown.rows(name)) + 1 if shown else 0) for name, most in _ROWS.items()}
    return page(
        request,
        "sent_form.html",
        None,
        wrong,
        filled=filled,
        action=action,
        units=units,
        areas=areas,
        by_law=by_law,
        draft=draft,
        rows=rows | {"persons": max(_PERSONS, persons) + more},
        places=place_names(),
        tongues=sorted(spoken_names(language).items(), key=lambda one: one[0].lower()),
    )
