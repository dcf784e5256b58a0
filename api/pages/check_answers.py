"""The page *check your answers*: a draft as it would be registered, to be read aloud to the caller."""

from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages import form_steps
from api.pages.drafts import after, known, of_draft
from api.pages.form_results import form_on, gone
from api.pages.frame import Page, Reply, Wrong, go, page, page_at
from api.v1 import registrations as routes
from api.v1.registration_input import RegistrationPatch
from api.v1.registrations import RegistrationOut
from placement.access.permissions import Permission
from placement.core.codes import RegistrationStatus


@page_at("/registrations/{registration_id:str}/check", permission=Permission.REGISTRATION_CHANGE)
def show(request: Page, acts: RequestActs, registration_id: FromPath[str], wrong: Wrong | None = None) -> Reply:
    one = known(acts, registration_id)
    if one.status != RegistrationStatus.DRAFT:
        return go(f"/registrations/{registration_id}")
    by_steps, wrong = form_steps.chosen(request, None), of_draft(request, one, wrong)
    return page(
        request, "registration_check.html", None, wrong, one=one, by_steps=by_steps, step_with=form_steps.step_with
    )


@post("/registrations/{registration_id:str}/check", permission=Permission.REGISTRATION_CHANGE)
@form_on(show)
def register(request: Page, acts: RequestActs, registration_id: FromPath[str]) -> Reply:
    """Registers the draft. Refuses it if it has changed since it was shown."""
    wanted = RegistrationPatch(open=True)
    opened = acts.change(
        RegistrationOut,
        lambda act: routes.change_registration(act, registration_id, acts.version(), wanted, acts.language),
    )
    return gone(request, after(acts, opened))
