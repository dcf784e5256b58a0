"""The registration form. It is saved section by section while the user types, or as a whole with a button."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages import form_steps
from api.pages.area_choices import PlacesOfForm, places_of_form
from api.pages.case_form import Facts, facts_of, filled_from, is_ticked
from api.pages.enquiries import CARRIED
from api.pages.faults import message_of
from api.pages.form_results import again, form_on, given, gone, saved
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Reply, Wrong, go, page
from api.pages.map import dangers
from api.pages.sealed_cookies import keep, kept
from api.pages.translation import reader_language
from api.v1 import registrations as routes
from api.v1.all_faults import complete
from api.v1.duplicates import DuplicatesOut, alike_of
from api.v1.registration_input import RegistrationIn, RegistrationPatch
from api.v1.registrations import RegistrationOut
from placement.access.permissions import Permission
from placement.core import clock
from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.core.errors import Fault, Invalid, PlacementError
from placement.core.geography import place_names
from placement.tables.facts import FACTS, Section
from placement.text.languages import spoken_names

_ROWS_OF = {
    Section.PERSONS: ("persons",),
    Section.PLACE: ("reach", "stay_with"),
    Section.SAFETY: ("threats", "avoided", "keep_apart"),
}
"""By section: fields of a registration that are not facts."""
SECTIONS = {
    section: (*(name for name, fact in FACTS.items() if fact.section is section), *_ROWS_OF.get(section, ()))
    for section in Section
}
"""The fields of each section, by their API names."""

_FIRST = ("registrant", "residence_basis", "persons")
"""Fields that a draft must have."""
_COMPARED = {Section.WHO, Section.PERSONS, Section.LANGUAGES}
"""Sections that start a search for similar clients when they are saved."""
_ROWS = {"persons": 6, "languages": 4, "threats": 3, "reach": 2}
"""The number of rows in an empty form."""
StepAsked = Annotated[int | None, QueryParameter(ge=0, le=99)]


def _again(request: Page, acts: Acts, form: Form, wrong: Wrong, registration_id: str = "") -> Response[str]:
    places, reference = acts.run(places_of_form), registration_id or form.get("registration")
    return registration_form(request, places, known(acts, reference) if reference else None, wrong)


@get("/registrations/new", permission=Permission.REGISTRATION_CHANGE)
def ask_new(request: Page, acts: RequestActs, step: StepAsked = None) -> Response[str]:
    number_of = form_steps.chosen(request, step)
    call = kept(request, CARRIED)
    answer = registration_form(request, acts.run(places_of_form), None, step=number_of, call=call)
    keep(request, answer, CARRIED, None)
    form_steps.remember(request, answer, number_of)
    return answer


@post("/registrations/new", permission=Permission.REGISTRATION_CHANGE)
@form_on(_again)
def register(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Saves the whole form. If the page's script has saved a draft already, changes that draft."""
    if form.get("registration"):
        return _save(request, acts, form.get("registration"), form)
    return gone(request, after(acts, _created(acts, _said(form) | _opened(form), _not_chosen(form)), form))


@get("/registrations/{registration_id:str}/edit", permission=Permission.REGISTRATION_CHANGE)
def ask_again(request: Page, acts: RequestActs, registration_id: FromPath[str], step: StepAsked = None) -> Reply:
    one = known(acts, registration_id)
    if one.status is RegistrationStatus.CLOSED:
        return go(f"/registrations/{registration_id}")
    found = _alike(acts, one) if one.status == RegistrationStatus.DRAFT else None
    number_of = form_steps.chosen(request, step) if one.status == RegistrationStatus.DRAFT else 0
    return registration_form(request, acts.run(places_of_form), one, found=found, step=number_of)


@post("/registrations/{registration_id:str}/edit", permission=Permission.REGISTRATION_CHANGE)
@form_on(_again)
def change(request: Page, acts: RequestActs, registration_id: FromPath[str], form: SentForm) -> Reply:
    return _save(request, acts, registration_id, form)


@post("/registrations/{registration_id:str}/guardian", permission=Permission.REGISTRATION_CHANGE)
@form_on(_again)
def record_guardian(acts: RequestActs, registration_id: FromPath[str], form: SentForm) -> str:
    """Records that a person of the registration is the parent or guardian of its minors."""
    chosen = form.get("person")

    def change(act: Act) -> RegistrationOut:
        persons = [one.model_dump() for one in routes.as_it_is(act, registration_id, acts.language).persons]
        for number, person in enumerate(persons):
            person["guardian"] = person["guardian"] or str(number) == chosen
        wanted = given(RegistrationPatch, {"persons": persons})
        return routes.change_registration(act, registration_id, acts.version(), wanted, acts.language)

    acts.change(RegistrationOut, change)
    return f"/registrations/{registration_id}"


@post("/registrations/draft", permission=Permission.REGISTRATION_CHANGE)
def save_section(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Saves a section while the user types. Invalid values are reported and not saved. Called by the page's script."""
    reference = form.get("registration")
    left_out: list[Fault] = []
    try:
        one = _changed(acts, reference, form) if reference else _begun(acts, form, left_out)
    except Invalid as error:
        typed = {name for name, value in form.fields if value.strip()}
        faults = [fault for fault in error.faults if fault.field in typed]
        return again(request, Invalid(faults), lambda wrong: _saved(request, None, form, replace(wrong, status=200)))
    except PlacementError as error:
        return again(request, error, lambda wrong: _saved(request, None, form, replace(wrong, status=200)))
    found = _alike(acts, one) if form.get("section") in _COMPARED else None
    answer = _saved(request, one, form, found=found)
    if left_out:
        told = partial(_saved, request, one, form, found=found)
        answer = again(request, Invalid(left_out), lambda wrong: told(replace(wrong, status=200)))
    if not reference:
        answer.headers["HX-Replace-Url"] = f"/registrations/{one.id}/edit"
    return answer


def _opened(form: Form) -> Facts:
    return {"open": form.get("then") not in {"draft", "next", "check"}}


def _said(form: Form) -> Facts:
    """Returns only the facts of the submitted step, because the form has no fields of other steps."""
    facts = facts_of(form)
    step = form_steps.step_of(form)
    if not step:
        return facts
    sections = form_steps.sections_of(step)
    return {name: value for name, value in facts.items() if any(name in SECTIONS[one] for one in sections)}


def _why(form: Form) -> Facts:
    """Returns the reason for changing facts of a client who has a place."""
    return {**form.optional("reason", "text"), "confirm": form.has("confirm")}


def after(acts: Acts, one: RegistrationOut, form: Form | None = None) -> str:
    """Returns the address of the next page: if a waiting client has similar cases, the page that compares them."""
    then, step = (form.get("then"), form_steps.step_of(form)) if form else ("", 0)
    if one.status == RegistrationStatus.DRAFT and (
        then == "check" or (then == "next" and step == len(form_steps.STEPS))
    ):
        return f"/registrations/{one.id}/check"
    if one.status == RegistrationStatus.DRAFT and then == "next":
        return f"/registrations/{one.id}/edit?step={step + 1}"
    if one.status == RegistrationStatus.DRAFT:
        return f"/registrations/{one.id}/edit"
    found = _alike(acts, one) if one.status == RegistrationStatus.OPEN else None
    return f"/registrations/{one.id}" + ("/links" if found and (found.items or found.ask_desk) else "")


def _alike(acts: Acts, one: RegistrationOut) -> DuplicatesOut:
    return acts.show("registration_form", lambda act: alike_of(act, one.id), Permission.REGISTRATION_READ)


def known(acts: Acts, reference: str) -> RegistrationOut:
    return acts.show(
        "registration_form",
        lambda act: routes.read_registration(act, reference, acts.language),
        Permission.REGISTRATION_READ,
    )


def _save(request: Page, acts: Acts, reference: str, form: Form) -> Reply:
    now = _patched(acts, reference, _said(form) | _opened(form) | _why(form), _not_chosen(form))
    to = after(acts, now, form)
    return saved(request, to) if to == f"/registrations/{reference}" else gone(request, to)


def _changed(acts: Acts, reference: str, form: Form) -> RegistrationOut:
    names = _names_of(form.get("section"))
    return _patched(acts, reference, {name: value for name, value in facts_of(form).items() if name in names})


def _begun(acts: Acts, form: Form, left_out: list[Fault]) -> RegistrationOut:
    """Makes a draft from the valid sections. Adds the faults of the other sections to `left_out`."""
    facts = facts_of(form) | {"open": False}
    try:
        return _created(acts, facts)
    except Invalid as error:
        wrong = {_section_of(fault.field) for fault in error.faults} - {"who", "persons"}
        names = {name for section in wrong for name in _names_of(section)}
        if not names or any(fault.field.partition(".")[0] in _FIRST for fault in error.faults):
            raise
        left_out += error.faults
        return _created(acts, {name: value for name, value in facts.items() if name not in names})


def _created(acts: Acts, facts: Facts, missing: Sequence[Fault] = ()) -> RegistrationOut:
    def ask(rest: RegistrationPatch) -> Sequence[Fault]:
        return acts.run(lambda act: routes.faults_of(act, rest))

    wanted = complete(RegistrationIn, facts, ask, missing, given)
    return acts.change(RegistrationOut, lambda act: routes.create_registration(act, wanted, acts.language))


def _not_chosen(form: Form) -> list[Fault]:
    """Returns a fault if no urgency was chosen. The user must choose, so the API's default is not used."""
    step, then = form_steps.step_of(form), form.get("then")
    asked = Section.WHEN in form_steps.sections_of(step) if step else then not in {"next", "check"}
    return [Fault("urgency", "not_chosen")] if asked and then != "draft" and not form.get("urgency") else []


def _patched(acts: Acts, reference: str, facts: Facts, missing: Sequence[Fault] = ()) -> RegistrationOut:
    def ask(rest: RegistrationPatch) -> Sequence[Fault]:
        return acts.run(lambda act: routes.faults_of(act, rest, reference))

    wanted = complete(RegistrationPatch, facts, ask, missing, given)

    def change(act: Act) -> RegistrationOut:
        before = routes.as_it_is(act, reference, acts.language)
        changed = routes.change_registration(act, reference, acts.version(), wanted, acts.language)
        for avoidance_id in _unticked(before, wanted):
            changed = routes.lift_avoidance(act, reference, avoidance_id, acts.language)
        return changed

    return acts.change(RegistrationOut, change)


def _unticked(before: RegistrationOut, wanted: RegistrationPatch) -> list[str]:
    """Returns the avoidances that the user unticked. The API keeps an avoidance that a change does not name."""
    if "avoided" not in wanted.model_fields_set:
        return []
    ticked = {one.target for one in wanted.avoided}
    return [one.id for one in before.avoided if is_ticked(before, one) and one.target not in ticked]


def _names_of(section: str) -> tuple[str, ...]:
    return next((names for one, names in SECTIONS.items() if one == section), ())


def _section_of(field: str) -> str:
    name = field.partition(".")[0]
    return next((section for section, names in SECTIONS.items() if name in names), "")


def of_draft(request: Page, one: RegistrationOut | None, wrong: Wrong | None) -> Wrong | None:
    """Adds a note to the errors of a draft: the values that were saved last remain."""
    if wrong is None or not wrong.faults or one is None or one.status != RegistrationStatus.DRAFT:
        return wrong
    return replace(wrong, message=message_of("form_draft_invalid", {}, reader_language(request)))


def registration_form(
    request: Page,
    places: PlacesOfForm,
    one: RegistrationOut | None,
    wrong: Wrong | None = None,
    *,
    takeover: object = None,
    found: DuplicatesOut | None = None,
    step: int = 0,
    call: Facts | None = None,
) -> Response[str]:
    """Shows the form of a new or existing registration.

    - `takeover`: set if a client is taken over (`takeovers.py`)
    - `found`: similar cases
    - `call`: values that were typed in a call to the help desk
    """
    language = reader_language(request)
    known = form_steps.as_chosen(one, filled_from(one, language)) if one else None
    of_call = Form((name, str(call[name])) for name in ("registrant", "region") if call[name]) if call else None
    filled = (wrong.typed if wrong else None) or known or of_call
    rows = {name: max(most, len(filled.rows(name)) + 1 if filled else 0) for name, most in _ROWS.items()}
    return page(
        request,
        "registration_form.html",
        places,
        of_draft(request, one, wrong),
        filled=filled,
        one=one,
        takeover=takeover,
        call=call,
        found=found,
        rows=rows,
        places=place_names(),
        tongues=sorted(spoken_names(language).items(), key=lambda one: one[0].lower()),
        dangers=dangers(one.threats) if one else [],
        step=step or (form_steps.step_of(filled) if filled else 0),
        steps=len(form_steps.STEPS),
        ground_from=request.app.state.settings.sharing_ground_from,
        shown=form_steps.sections_of(step or (form_steps.step_of(filled) if filled else 0)),
    )


def _saved(
    request: Page,
    one: RegistrationOut | None,
    form: Form,
    wrong: Wrong | None = None,
    *,
    found: DuplicatesOut | None = None,
) -> Response[str]:
    """Shows the parts of the page that depend on saved values. `found`: similar cases, if they were searched."""
    drawn = dangers(one.threats) if one else []
    return page(
        request, "registration_saved.html", None, wrong, one=one, form=form, now=clock.now(), dangers=drawn, found=found
    )
