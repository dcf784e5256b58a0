"""The page of the rota: who of the desk is on call, and the form that names a person."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.bulk_actions import Result, each
from api.pages.form_results import acted, form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import mandates, on_call
from api.v1.mandates import MandatesOut
from api.v1.on_call import OnCallIn, RotaOut
from placement.access.permissions import Permission
from placement.core.context import Act

HERE = "/on-call"


@dataclass(frozen=True, slots=True)
class OnCallPage:
    rota: RotaOut
    mandates: MandatesOut


@page_at(HERE, permission=Permission.ON_CALL_READ)
def show(request: Page, acts: RequestActs, wrong: Wrong | None = None, result: Result | None = None) -> Response[str]:
    def found(act: Act) -> OnCallPage:
        return OnCallPage(on_call.list_on_call(act), mandates.list_mandates(act))

    view = acts.show("on_call", found, Permission.ON_CALL_READ, Permission.MANDATES_READ)
    return page(request, "on_call.html", view, wrong, result=result)


@post(HERE, permission=Permission.ON_CALL_CHANGE)
@form_on(show)
def name(acts: RequestActs, form: SentForm) -> str:
    wanted = given(OnCallIn, form.optional("account", "starts_on", "ends_on"))
    acts.write(lambda act: on_call.name_on_call(act, wanted))
    return HERE


@post(f"{HERE}/{{on_call_id:str}}/withdraw", permission=Permission.ON_CALL_CHANGE)
def withdraw(acts: RequestActs, on_call_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: on_call.withdraw_on_call(act, on_call_id), HERE, show)


@post(f"{HERE}/withdraw", permission=Permission.ON_CALL_CHANGE)
def withdraw_several(acts: RequestActs, form: SentForm) -> Reply:
    return each(acts, form, on_call.withdraw_on_call, show)
