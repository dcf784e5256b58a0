"""The page on which a place is requested for a client, or a request is withdrawn."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.declared_pages import form
from api.pages.form_results import form_on, gone
from api.pages.forms import Form, day_in, number
from api.pages.frame import Page, Reply, Wrong, page
from api.v1 import requests as routes
from api.v1 import returns
from api.v1.registrations import RegistrationOut
from api.v1.requests import RequestOut, RequestsOut
from placement.access.permissions import Permission
from placement.core.codes import RegistrationStatus
from placement.core.errors import Invalid
from placement.core.request_codes import ASKED_FOR
from placement.text.labels import label

CASE = "/registrations/{registration_id:str}"
CodeAsked = Annotated[str, QueryParameter(max_length=20)]


@dataclass(frozen=True, slots=True)
class Requests:
    found: RequestsOut
    open: RequestOut | None
    """The open request, which can be withdrawn."""
    may_ask: bool


def _page(
    request: Page, acts: Acts, registration_id: str, wrong: Wrong | None = None, *, kind: str = "", urgency: str = ""
) -> Response[str]:
    found = acts.show("requests", lambda act: routes.list_requests(act, registration_id), Permission.REGISTRATION_READ)
    may = Permission.REGISTRATION_CHANGE.is_of(request.user)
    last = found.items[-1] if found.items and found.status == RegistrationStatus.MOVING else None
    view = Requests(found, last if may else None, may and found.status == RegistrationStatus.PLACED)
    return page(
        request,
        "requests.html",
        view,
        wrong,
        kind=kind,
        urgency=urgency,
        kinds=[(one.value, label("RequestKind", one, acts.language)) for one in ASKED_FOR],
    )


@get("/registrations/{registration_id:str}/requests", permission=Permission.REGISTRATION_READ)
def show_requests(
    request: Page, acts: RequestActs, registration_id: FromPath[str], kind: CodeAsked = "", urgency: CodeAsked = ""
) -> Response[str]:
    """Shows the requests. `kind`, `urgency`: initial values of the form."""
    return _page(request, acts, registration_id, kind=kind, urgency=urgency)


def _asked(form: Form) -> dict[str, object]:
    """Converts the form into input for the API. The urgency has no default, because the user must choose it."""
    if not form.get("urgency"):
        raise Invalid.at("urgency", "not_chosen")
    days = {name: day_in(day) for name, day in form.some("needed_from", "needed_by").items()}
    return {"urgency": number(form.get("urgency")), **days}


ask = form(f"{CASE}/requests", routes.request_place, _page, to=CASE, facts=_asked)
withdraw = form(f"{CASE}/requests/{{request_number:str}}/withdraw", routes.withdraw_request, _page, to=CASE)


@post("/registrations/{registration_id:str}/return", permission=Permission.REGISTRATION_CHANGE)
@form_on(_page)
def take_back(request: Page, acts: RequestActs, registration_id: FromPath[str]) -> Reply:
    """Makes a draft from a closed case, because the client has returned."""
    made = acts.change(RegistrationOut, lambda act: returns.return_client(act, registration_id, acts.language))
    return gone(request, f"/registrations/{made.id}/edit")
