"""Leaving the service: asked here, and granted on the page of requests for a second person."""

from litestar import Response

from api.http.context import RequestActs
from api.http.methods import post
from api.pages import second_person
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import leave as routes
from api.v1.leave import LeaveRequestIn
from placement.access import fresh_factor
from placement.access.permissions import Permission

HERE = "/leave"


@page_at(HERE, permission=Permission.REVIEW_READ)
def show(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    verified = acts.show("leave", fresh_factor.is_fresh, Permission.SESSION_READ)
    return page(request, "leave.html", None, wrong, filled=Form([]), verified=verified)


@post(f"{HERE}/ask", permission=Permission.LEAVE_ASK)
@form_on(show)
def ask(acts: RequestActs, form: SentForm) -> str:
    wanted = given(LeaveRequestIn, {**form.every("kind", "reason", "text"), **form.optional("recipient")})
    acts.write(lambda act: routes.request_leave(act, wanted))
    return second_person.HERE
