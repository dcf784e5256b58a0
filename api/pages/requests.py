"""The page of the places that were asked for: another one is asked for here, or sought no longer."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.forms import SentForm, day_in, number
from api.pages.frame import Page, Reply, Wrong, page
from api.pages.outcomes import done, given, offer_undo, sent
from api.v1 import requests as routes
from api.v1 import returns
from api.v1.registrations import RegistrationOut
from api.v1.requests import RequestIn, RequestOut, RequestsOut, WithdrawalIn
from placement.access.permissions import Permission
from placement.core.codes import RegistrationStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.request_codes import ASKED_FOR
from placement.text.labels import label

KindAsked = Annotated[str, QueryParameter(max_length=20)]


@dataclass(frozen=True, slots=True)
class Requests:
    found: RequestsOut
    open: RequestOut | None
    """One that can be withdrawn."""
    may_ask: bool


@get("/registrations/{registration_id:str}/requests", permission=Permission.REGISTRATION_READ)
def show_requests(
    request: Page, acts: RequestActs, registration_id: FromPath[str], kind: KindAsked = ""
) -> Response[str]:
    """`kind`: that which the form begins with."""
    return _page(request, acts, registration_id, kind=kind)


@post("/registrations/{registration_id:str}/requests", permission=Permission.REGISTRATION_CHANGE)
def ask(request: Page, acts: RequestActs, registration_id: FromPath[str], form: SentForm) -> Reply:
    def do() -> None:
        said: dict[str, Any] = form.some("kind", "ground", "text")
        said |= {name: day_in(day) for name, day in form.some("needed_from", "needed_by").items()}
        if not form.get("urgency"):  # the API's is no choice of a form
            raise Invalid.at("urgency", "not_chosen")
        said["urgency"] = number(form.get("urgency"))
        asked = given(RequestIn, said)
        acts.write(lambda act: routes.ask(act, registration_id, acts.version(), asked))

    to = f"/registrations/{registration_id}"
    return sent(request, do, to, lambda wrong: _page(request, acts, registration_id, wrong), form)


@post("/registrations/{registration_id:str}/return", permission=Permission.REGISTRATION_CHANGE)
def take_back(request: Page, acts: RequestActs, registration_id: FromPath[str]) -> Reply:
    """A draft of a closed case, to be filled in further."""

    def do() -> str:
        made = acts.change(RegistrationOut, lambda act: returns.take_back(act, registration_id, acts.language))
        return f"/registrations/{made.id}/edit"

    return done(request, do, lambda wrong: _page(request, acts, registration_id, wrong))


@post(
    "/registrations/{registration_id:str}/requests/{request_number:str}/withdraw",
    permission=Permission.REQUEST_WITHDRAW,
)
def withdraw(
    request: Page, acts: RequestActs, registration_id: FromPath[str], request_number: FromPath[str], form: SentForm
) -> Reply:
    left: list[RequestsOut] = []

    def do() -> None:
        why = given(WithdrawalIn, form.some("reason", "text"))

        def act_on(act: Act) -> RequestsOut:
            return routes.withdraw(act, registration_id, request_number, acts.version(), why)

        left.append(acts.change(RequestsOut, act_on))

    to = f"/registrations/{registration_id}"
    answer = sent(request, do, to, lambda wrong: _page(request, acts, registration_id, wrong), form)
    for found in left:
        if found.items[-1].urgency != Urgency.TONIGHT:  # that is a task of others, who may have been told
            number, version = found.items[-1].number, found.version
            offer_undo(request, answer, "withdrawal", number, subject=registration_id, version=version)
    return answer


def _page(
    request: Page, acts: Acts, registration_id: str, wrong: Wrong | None = None, *, kind: str = ""
) -> Response[str]:
    found = acts.show("requests", lambda act: routes.request_list(act, registration_id), Permission.REGISTRATION_READ)
    may = Permission.REGISTRATION_CHANGE.is_of(request.user)
    last = found.items[-1] if found.items and found.status == RegistrationStatus.MOVING else None
    view = Requests(found, last if may else None, may and found.status == RegistrationStatus.PLACED)
    return page(
        request,
        "requests.html",
        view,
        wrong,
        kind=kind,
        kinds=[(one.value, label("RequestKind", one, acts.language)) for one in ASKED_FOR],
    )
