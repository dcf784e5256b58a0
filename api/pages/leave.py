"""Leaving the service: what was asked, what waits for a second person, and the command that carries it out."""

from dataclasses import dataclass
from datetime import datetime

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import acted, form_on, given
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import leave as routes
from api.v1.leave import LeaveRequestIn, LeaveRequestOut
from api.v1.people import People, people_of
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.core.context import Act

HERE = "/leave"


@dataclass(frozen=True, slots=True)
class Leaving:
    requests: list[LeaveRequestOut]
    people: People
    at: datetime
    verified: bool
    """Whether the second factor was given a short while ago."""


@page_at(HERE, permission=Permission.LEAVE_READ)
def show(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    view = acts.show("leave", _leaving, Permission.LEAVE_READ)
    return page(request, "leave.html", view, wrong, filled=Form([]))


@post(f"{HERE}/ask", permission=Permission.LEAVE_ASK)
@form_on(show)
def ask(acts: RequestActs, form: SentForm) -> str:
    wanted = given(LeaveRequestIn, {**form.every("kind", "reason", "text"), **form.optional("recipient")})
    acts.write(lambda act: routes.request_leave(act, wanted))
    return HERE


@post(f"{HERE}/{{leave_request_id:str}}/grant", permission=Permission.LEAVE_GRANT)
def grant(acts: RequestActs, leave_request_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.grant_leave(act, leave_request_id), HERE, show)


@post(f"{HERE}/{{leave_request_id:str}}/withdraw", permission=Permission.LEAVE_ASK)
def withdraw(acts: RequestActs, leave_request_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.withdraw_leave(act, leave_request_id), HERE, show)


def _leaving(act: Act) -> Leaving:
    found = routes.list_leave_requests(act).items
    return Leaving(found, people_of(act, [one.asked_by for one in found]), act.at, fresh_factor.is_fresh(act))
