"""The page of a missing client: what happened, who was informed, the next look, and how the search ends."""

from collections.abc import Callable
from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import Acts, RequestActs
from api.http.methods import post
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm, yes_or_no
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import whereabouts as routes
from api.v1.vocabulary import ReasonOut, reasons
from api.v1.whereabouts import FoundIn, InformedIn, SearchOut, SearchStopAnswerIn, SearchStopIn, WhereaboutsOut
from placement.access.permissions import Permission
from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.core.reason_codes import Step

HERE = "/registrations/{registration_id:str}/whereabouts"
_PAGE = "/registrations/{}/whereabouts"
_OF_SEARCH = HERE + "/{search_number:str}"


@dataclass(frozen=True, slots=True)
class Searches:
    found: WhereaboutsOut
    reasons: list[ReasonOut]

    @property
    def going_on(self) -> list[SearchOut]:
        return [one for one in self.found.items if one.end is None]

    @property
    def ended(self) -> list[SearchOut]:
        return [one for one in self.found.items if one.end is not None]


@page_at(HERE, permission=Permission.WHEREABOUTS_READ)
def show(request: Page, acts: RequestActs, registration_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    def found(act: Act) -> Searches:
        known = routes.list_searches(act, registration_id)
        return Searches(known, reasons(act, acts.language, Step.MISSING))

    view = acts.show("whereabouts", found, Permission.WHEREABOUTS_READ)
    return page(request, "whereabouts.html", view, wrong, going_on=view.going_on, ended=view.ended)


@post(f"{_OF_SEARCH}/informed", permission=Permission.WHEREABOUTS_RECORD)
@form_on(show)
def inform(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str], form: SentForm) -> str:
    said = given(InformedIn, form.some("who", "text"))
    acts.write(lambda act: routes.record_informed(act, registration_id, search_number, said))
    return _PAGE.format(registration_id)


@post(f"{_OF_SEARCH}/look", permission=Permission.WHEREABOUTS_RECORD)
@form_on(show, typed=False)
def look(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str]) -> str:
    acts.write(lambda act: routes.record_look(act, registration_id, search_number))
    return _PAGE.format(registration_id)


@post(f"{_OF_SEARCH}/returned", permission=Permission.WHEREABOUTS_RECORD)
@form_on(show, typed=False)
def come_back(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str]) -> str:
    return _goes_on(acts, lambda act: routes.record_return(act, registration_id, search_number))


@post(f"{_OF_SEARCH}/found", permission=Permission.WHEREABOUTS_RECORD)
@form_on(show)
def find(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str], form: SentForm) -> str:
    said = given(FoundIn, {**form.some("where"), **yes_or_no(form, "wants_place")})
    return _goes_on(acts, lambda act: routes.record_found(act, registration_id, search_number, said))


@post(f"{_OF_SEARCH}/close", permission=Permission.WHEREABOUTS_CLOSE)
@form_on(show)
def close(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str], form: SentForm) -> str:
    said = given(SearchStopIn, form.some("reason", "text"))
    return _goes_on(acts, lambda act: routes.close_search(act, registration_id, search_number, said))


@post(f"{_OF_SEARCH}/close/answer", permission=Permission.WHEREABOUTS_ANSWER)
@form_on(show, typed=False)
def answer(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str], form: SentForm) -> str:
    said = given(SearchStopAnswerIn, {"granted": form.get("granted") == "yes"})
    return _goes_on(acts, lambda act: routes.answer_search_close(act, registration_id, search_number, said))


def _goes_on(acts: Acts, do: Callable[[Act], WhereaboutsOut]) -> str:
    """Does it, and returns to the search; to the first page if it has ended: not everybody opens the case then."""
    found = acts.change(WhereaboutsOut, do)
    return _PAGE.format(found.registration) if found.status == RegistrationStatus.MISSING else "/"
