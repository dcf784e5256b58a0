"""The page of a unit's profile: what the unit offers, whom it admits, and the effect of another profile."""

from collections.abc import Callable
from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.http.work_kinds import Work
from api.pages.fact_fields import PROFILE_FIELDS, all_of
from api.pages.faults import renamed
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm, number
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.translation import reader_language
from api.v1 import unit_profile as routes
from api.v1.unit_profile import ProfileEffectOut, ProfileIn, ProfileOut, ProfileQuestionIn
from placement.access.permissions import Permission
from placement.capacity.unit_profile import ANY_LANGUAGE
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.text.languages import Language, spoken_code, spoken_names

MORE_LANGUAGES = 3
"""The number of empty rows for languages in the form."""


@dataclass(frozen=True, slots=True)
class Profile:
    known: ProfileOut
    effect: ProfileEffectOut | None = None
    """The answer to a question about the effect of another profile."""


_OF_CHILDREN = {"children.max_age": "max_child", "children.boys_max_age": "boys_max_age"}


@page_at("/units/{unit_id:str}/profile", permission=Permission.PROFILE_READ)
def show(request: Page, acts: RequestActs, unit_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    view = acts.show("profile", lambda act: Profile(routes.read_profile(act, unit_id)), Permission.PROFILE_READ)
    return _page(request, view, wrong)


@post("/units/{unit_id:str}/profile/try", permission=Permission.PROFILE_TRY, work=Work.SLOW)
@form_on(show)
def preview(request: Page, acts: RequestActs, unit_id: FromPath[str], form: SentForm) -> Reply:
    """Shows the same page with the effect of another profile."""

    def told(effect: Callable[[Act], ProfileEffectOut]) -> Profile:
        return acts.show("profile", lambda act: Profile(routes.read_profile(act, unit_id), effect(act)), *_TRIED)

    asked = given(ProfileQuestionIn, {"question": form.get("question")})
    return _page(request, routes.with_effect(acts, unit_id, asked.question, told), None)


@post("/units/{unit_id:str}/profile", permission=Permission.PROFILE_CHANGE)
@form_on(show)
def save(acts: RequestActs, unit_id: FromPath[str], form: SentForm) -> str:
    with renamed(_OF_CHILDREN):
        wanted = given(ProfileIn, facts_of(form))
    acts.write(lambda act: routes.change_profile(act, unit_id, acts.version(), wanted))
    return f"/units/{unit_id}/profile"


def facts_of(form: Form) -> dict[str, object]:
    """Converts the form into input for the API. Raises `Invalid` for ages of children if the unit does not admit
    children. Ignores these ages if the page showed that the unit admits children.
    """
    ages = form.some("max_child", "boys_max_age")
    if ages and not form.has("children") and not form.has("had_children"):
        raise Invalid.at(next(iter(ages)), "children_not_ticked")
    oldest = form.get("max_child")
    boys = form.get("boys_max_age") or oldest
    every = [ANY_LANGUAGE] if form.has("every_language") else []
    return {
        **{name: value for field in all_of(PROFILE_FIELDS) for name, value in field.read(form).items()},
        "children": {"max_age": number(oldest), "boys_max_age": number(boys)} if form.has("children") else None,
        "languages": [spoken_code(language.strip()) for language in form.all("languages")],
        "interpreter_languages": every
        + [spoken_code(language.strip()) for language in form.all("interpreter_languages")],
    }


def _page(request: Page, view: Profile, wrong: Wrong | None, typed: Form | None = None) -> Response[str]:
    filled = typed or _as_typed(view.known, reader_language(request))
    return page(request, "profile.html", view, wrong, filled=filled, more=MORE_LANGUAGES)


def _as_typed(known: ProfileOut, language: Language) -> Form:
    """Returns the profile as form fields. Languages are typed by name."""
    names = {code: name for name, code in spoken_names(language).items()}
    fields = [filled for field in all_of(PROFILE_FIELDS) for filled in field.filled(getattr(known, field.name))]
    fields.append(("version", known.version))
    if known.children:
        limits = known.children
        fields += [("children", "yes"), ("max_child", limits.max_age), ("boys_max_age", limits.boys_max_age)]
    if ANY_LANGUAGE in known.interpreter_languages:
        fields.append(("every_language", "yes"))
    for name in ("languages", "interpreter_languages"):
        fields += [(name, names.get(code, code)) for code in getattr(known, name) if code != ANY_LANGUAGE]
    return Form((name, "" if value is None else str(value)) for name, value in fields)


_TRIED = (Permission.PROFILE_TRY, Permission.PROFILE_READ)
