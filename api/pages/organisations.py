"""An organisation, for admins: what it is called, and by which numbers it is rung."""

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.accounts import HERE as ACCOUNTS
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import organisations as routes
from api.v1.organisations import OrganisationPatch
from placement.access.permissions import Permission
from placement.core.telephone_codes import TelephoneUse

HERE = f"{ACCOUNTS}/organisations/{{organisation_id:str}}"


@page_at(HERE, permission=Permission.ORGANISATION_READ)
def show(request: Page, acts: RequestActs, organisation_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    one = acts.show("organisation", lambda act: routes.read_organisation(act, organisation_id))
    return page(request, "organisation.html", None, wrong, one=one)


@post(HERE, permission=Permission.ORGANISATION_CHANGE)
@form_on(show)
def change(acts: RequestActs, organisation_id: FromPath[str], form: SentForm) -> str:
    numbers = {use.value: form.get(f"telephones.{use.value}") or None for use in TelephoneUse}
    has_address = any(name == "service_address" for name, _ in form.fields)
    address = {"service_address": form.get("service_address") or None} if has_address else {}
    shown = {use.value: form.get(f"seen.{use.value}") or None for use in TelephoneUse}
    seen = {"seen_telephones": shown} if any(name == "seen" for name, _ in form.fields) else {}
    wanted = given(OrganisationPatch, {"name": form.get("name"), "telephones": numbers, **address, **seen})
    acts.write(lambda act: routes.change(act, organisation_id, wanted))
    acts.desk_numbers.forget()
    return f"{ACCOUNTS}/organisations/{organisation_id}"
