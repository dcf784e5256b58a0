"""The page *check your answers*: a draft as it would be registered, to be read to the caller. It also has the fields of
a count record, which the button of the registration sends too.
"""

from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages import form_steps
from api.pages.count_form import COUNT, count_choices, count_in, facts_of_case, faults_within
from api.pages.drafts import after, known, of_draft
from api.pages.form_results import form_on, gone
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, go, page, page_at
from api.v1 import registrations as routes
from api.v1.count_records import send_count_record
from api.v1.registration_input import RegistrationPatch
from api.v1.registrations import RegistrationOut
from placement.access.permissions import Permission
from placement.core.codes import RegistrationStatus
from placement.core.context import Act


@page_at("/registrations/{registration_id:str}/check", permission=Permission.REGISTRATION_CHANGE)
def show(request: Page, acts: RequestActs, registration_id: FromPath[str], wrong: Wrong | None = None) -> Reply:
    one = known(acts, registration_id)
    if one.status != RegistrationStatus.DRAFT:
        return go(f"/registrations/{registration_id}")
    by_steps, wrong = form_steps.chosen(request, None), of_draft(request, one, wrong)
    return page(
        request,
        "registration_check.html",
        None,
        wrong,
        one=one,
        by_steps=by_steps,
        step_with=form_steps.step_with,
        count_choices=acts.run(lambda act: count_choices(act, acts.language)),
        counted=facts_of_case(one),
    )


@post("/registrations/{registration_id:str}/check", permission=Permission.REGISTRATION_CHANGE)
@form_on(show)
def register(request: Page, acts: RequestActs, registration_id: FromPath[str], form: SentForm) -> Reply:
    """Registers the draft and sends the count record, if it is filled in, in a single transaction. Refuses both if the
    draft has changed since the page was shown.
    """
    wanted, count = RegistrationPatch(open=True), count_in(form)

    def both(act: Act) -> RegistrationOut:
        opened = routes.change_registration(act, registration_id, acts.version(), wanted, acts.language)
        if count is not None:
            with faults_within(COUNT):
                send_count_record(act, count)
        return opened

    return gone(request, after(acts, acts.change(RegistrationOut, both)))
