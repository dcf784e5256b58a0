"""The page of a registration beside others like it: compared, linked, and merged."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import duplicates as routes
from api.v1 import registrations
from api.v1.duplicates import LinkIn, LinksOut, MergeIn
from api.v1.registrations import RegistrationOut
from placement.access.permissions import Permission
from placement.registrations.case_handles import handle_of


@dataclass(frozen=True, slots=True)
class Compared:
    one: RegistrationOut
    found: LinksOut


@page_at("/registrations/{registration_id:str}/links", permission=Permission.REGISTRATION_READ)
def show(request: Page, acts: RequestActs, registration_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    view = acts.show(
        "links",
        lambda act: Compared(
            registrations.read_registration(act, registration_id, acts.language),
            routes.list_links(act, registration_id),
        ),
        Permission.REGISTRATION_READ,
    )
    return page(request, "duplicates.html", view, wrong)


@post("/registrations/{registration_id:str}/links", permission=Permission.REGISTRATION_LINK)
@form_on(show, typed=False)
def link(acts: RequestActs, registration_id: FromPath[str], form: SentForm) -> str:
    said = given(LinkIn, form.case("other") | form.some("kind", "replaces"))
    acts.write(lambda act: routes.link_registration(act, registration_id, said))
    return f"/registrations/{registration_id}/links"


@post("/registrations/{registration_id:str}/merge", permission=Permission.REGISTRATION_LINK)
@form_on(show)
def merge(acts: RequestActs, registration_id: FromPath[str], form: SentForm) -> str:
    said = given(MergeIn, form.case("other") | _seen(form) | {"confirm": form.has("confirm")})
    acts.write(lambda act: routes.merge_registration(act, registration_id, said, acts.language))
    return f"/registrations/{registration_id}"


def _seen(form: Form) -> dict[str, str]:
    """What the page showed to be said of the two."""
    meant = form.case("other").get("other", "")
    shown = ((field.removeprefix("said."), kind) for field, kind in form.fields if field.startswith("said."))
    found = [kind for reference, kind in shown if meant == reference or meant.casefold() == handle_of(reference)]
    return {"replaces": found[0]} if len(found) == 1 else {}
