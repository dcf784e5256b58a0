"""An organisation, for admins: its name and telephone numbers."""

from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.accounts import HERE as ACCOUNTS
from api.pages.declared_pages import screen
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.input_values import values_of
from api.v1 import organisations
from api.v1.organisations import OrganisationPatch
from placement.access.permissions import Permission

HERE = f"{ACCOUNTS}/organisations/{{organisation_id:str}}"

show = screen(HERE, "organisation.html", one=organisations.read_organisation)


@post(HERE, permission=Permission.ORGANISATION_CHANGE)
@form_on(show)
def change(acts: RequestActs, organisation_id: FromPath[str], form: SentForm) -> str:
    wanted = given(OrganisationPatch, values_of(OrganisationPatch, form))
    acts.write(lambda act: organisations.change(act, organisation_id, wanted))
    acts.desk_numbers.forget()
    return f"{ACCOUNTS}/organisations/{organisation_id}"
