"""Entries by telephone: what the desk entered for a shelter, and what the shelter or another person says of it."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import acted, form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.telephone_calls import call_in
from api.v1 import shelter_telephones
from api.v1 import telephone_entries as routes
from api.v1.shelter_telephones import ShelterTelephonesOut
from api.v1.telephone_entries import CallBackIn, ContradictionIn, SettlementIn, TelephoneEntriesOut
from placement.access.permissions import Permission
from placement.core.context import Act

HERE = "/telephone"


@dataclass(frozen=True, slots=True)
class EntriesPage:
    entries: TelephoneEntriesOut
    rung: dict[str, ShelterTelephonesOut]
    """By shelter, of those that have entries."""


@page_at(HERE, permission=Permission.TELEPHONE_READ)
def show(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> EntriesPage:
        entries = routes.list_telephone_entries(act)
        return EntriesPage(entries, shelter_telephones.of_shelters(act, {one.shelter for one in entries.items}))

    view = acts.show("telephone", found, Permission.TELEPHONE_READ, Permission.SHELTER_TELEPHONE_READ)
    return page(request, "telephone.html", view, wrong, at=acts.moment)


@post(f"{HERE}/{{entry_id:str}}/agreement", permission=Permission.TELEPHONE_ANSWER)
def agree(acts: RequestActs, entry_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.agree_with_entry(act, entry_id), HERE, show)


@post(f"{HERE}/{{entry_id:str}}/contradiction", permission=Permission.TELEPHONE_ANSWER)
@form_on(show)
def contradict(acts: RequestActs, entry_id: FromPath[str], form: SentForm) -> str:
    said = given(ContradictionIn, form.some("text"))
    acts.write(lambda act: routes.contradict_entry(act, entry_id, said))
    return HERE


@post(f"{HERE}/{{entry_id:str}}/call-back", permission=Permission.TELEPHONE_ENTER)
@form_on(show)
def ring_back(acts: RequestActs, entry_id: FromPath[str], form: SentForm) -> str:
    said = given(CallBackIn, call_in(form) | {"agrees": form.get("agrees") == "yes"} | form.some("text"))
    acts.write(lambda act: routes.ring_back_about_entry(act, entry_id, said))
    return HERE


@post(f"{HERE}/{{entry_id:str}}/settlement", permission=Permission.TELEPHONE_ENTER)
@form_on(show)
def settle(acts: RequestActs, entry_id: FromPath[str], form: SentForm) -> str:
    said = given(SettlementIn, form.some("text"))
    acts.write(lambda act: routes.settle_contradiction(act, entry_id, said))
    return HERE
