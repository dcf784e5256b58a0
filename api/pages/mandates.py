"""The page of standing mandates: which there are, and the form that gives one."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import acted, form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import mandates
from api.v1.mandates import MandateIn, MandatesOut
from placement.access.fresh_factor import is_fresh
from placement.access.permissions import Permission
from placement.core.context import Act

HERE = "/mandates"


@dataclass(frozen=True, slots=True)
class MandatesPage:
    mandates: MandatesOut
    factor_needed: bool
    """Whether the second factor must be given again first, to give one."""


@page_at(HERE, permission=Permission.MANDATES_READ)
def show(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> MandatesPage:
        return MandatesPage(mandates.list_mandates(act), not is_fresh(act))

    view = acts.show("mandates", found, Permission.MANDATES_READ)
    return page(request, "mandates.html", view, wrong)


@post(HERE, permission=Permission.MANDATE_GIVE)
@form_on(show)
def give(acts: RequestActs, form: SentForm) -> str:
    wanted = given(MandateIn, {"schemes": form.all("schemes"), **form.optional("starts_on", "ends_on")})
    acts.write(lambda act: mandates.give_mandate(act, wanted))
    return HERE


@post(f"{HERE}/{{mandate_id:str}}/revoke", permission=Permission.MANDATE_REVOKE)
def revoke(acts: RequestActs, mandate_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: mandates.revoke_mandate(act, mandate_id), HERE, show)
