"""The telephone numbers of a shelter: which are new, a form that changes them, and how the desk checks them."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import shelter_telephones as routes
from api.v1.shelter_telephones import NumberCheckIn, ShelterTelephonesIn, ShelterTelephonesOut
from placement.access.fresh_factor import is_fresh
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.telephone_codes import TelephoneUse

HERE = "/shelters/{shelter_id:str}/telephones"


@dataclass(frozen=True, slots=True)
class TelephonesPage:
    known: ShelterTelephonesOut
    factor_needed: bool
    """Whether the second factor must be given again first, to change or check a number."""


@page_at(HERE, permission=Permission.SHELTER_TELEPHONE_READ)
def show(request: Page, acts: RequestActs, shelter_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> TelephonesPage:
        return TelephonesPage(routes.read_shelter_telephones(act, shelter_id), not is_fresh(act))

    view = acts.show("telephones", found, Permission.SHELTER_TELEPHONE_READ)
    numbers = {one.use.value: one.number for one in view.known.numbers}
    return page(request, "shelter_telephones.html", view, wrong, now=numbers)


@post(HERE, permission=Permission.SHELTER_TELEPHONE_CHANGE)
@form_on(show)
def change(acts: RequestActs, shelter_id: FromPath[str], form: SentForm) -> str:
    numbers = {use.value: form.get(f"telephones.{use.value}") or None for use in TelephoneUse}
    shown = {use.value: form.get(f"seen.{use.value}") or None for use in TelephoneUse}
    wanted = given(ShelterTelephonesIn, {"telephones": numbers, "seen_telephones": shown})
    acts.write(lambda act: routes.change_shelter_telephones(act, shelter_id, wanted))
    return f"/shelters/{shelter_id}/telephones"


@post(f"{HERE}/check", permission=Permission.TELEPHONE_ENTER)
@form_on(show)
def check(acts: RequestActs, shelter_id: FromPath[str], form: SentForm) -> str:
    how = given(NumberCheckIn, form.some("use", "how"))
    acts.write(lambda act: routes.check_shelter_telephone(act, shelter_id, how))
    return f"/shelters/{shelter_id}/telephones"
