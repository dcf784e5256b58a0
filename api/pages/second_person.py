"""The page of requests for a second person, who grants or refuses them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.bulk_actions import Result
from api.pages.declared_pages import each_of, form
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page
from api.v1 import second_person as routes
from api.v1.second_person import GrantedOut, GrantIn, SecondPersonRequestsOut
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.second_person_codes import SecondPersonKind

HERE = "/second-person"
Settled = Annotated[bool, QueryParameter()]


@dataclass(frozen=True, slots=True)
class Waiting:
    found: SecondPersonRequestsOut
    at: datetime
    verified: bool
    """True if the user gave the second factor within the last minutes."""


@get(HERE, permission=Permission.SECOND_PERSON_READ)
def list_requests(request: Page, acts: RequestActs, settled: Settled = False) -> Response[str]:
    return _show(request, acts, settled=settled)


def _show(
    request: Page, acts: Acts, wrong: Wrong | None = None, result: Result | None = None, *, settled: bool = False
) -> Response[str]:
    def found(act: Act) -> Waiting:
        return Waiting(routes.list_second_person_requests(act, settled), act.at, fresh_factor.is_fresh(act))

    view = acts.show("second_person", found, Permission.SECOND_PERSON_READ)
    return page(request, "second_person.html", view, wrong, settled=settled, result=result)


@post(f"{HERE}/{{request_id:str}}/grant", permission=Permission.SECOND_PERSON_ANSWER)
@form_on(_show)
def grant(request: Page, acts: RequestActs, request_id: FromPath[str], form: SentForm) -> Reply | str:
    """Grants a request. The next page shows the link of an invitation once. If granting fails, the list shows why."""
    addresses = dict(form.part("addresses").fields)
    answer = given(GrantIn, {**form.some("address", "number"), "addresses": addresses})
    granted = acts.change(GrantedOut, lambda act: routes.grant_second_person_request(act, request_id, answer))
    address = request.app.state.settings.address or str(request.base_url).rstrip("/")
    links = [(one.email, one.link) for one in granted.links]
    if granted.link is not None:
        links = [(str(granted.facts["email"]), granted.link)]
    if links:
        until = granted.link_until or granted.links[0].link_until
        made = [(email, address + link) for email, link in links]
        return page(request, "invitation_made.html", made=made, until=until)
    return f"/accounts/{granted.about}" if granted.about and granted.kind is SecondPersonKind.ACCOUNT else HERE


refuse = form(f"{HERE}/{{request_id:str}}/refuse", routes.refuse_second_person_request, _show, to=HERE)
withdraw = form(f"{HERE}/{{request_id:str}}/withdraw", routes.withdraw_second_person_request, _show, to=HERE)
withdraw_several = each_of(f"{HERE}/withdraw", routes.withdraw_second_person_request, _show)
