"""The page of a missing client: what happened, who was informed, the next check, and the end of the search."""

from collections.abc import Callable

from litestar.params import FromPath

from api.http.context import Acts, RequestActs
from api.http.methods import post
from api.pages.declared_pages import form, screen
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.input_values import values_of
from api.v1 import whereabouts as routes
from api.v1.vocabulary import reasons
from api.v1.whereabouts import FoundIn, SearchStopAnswerIn, SearchStopIn, WhereaboutsOut
from placement.access.permissions import Permission
from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.core.reason_codes import Step

HERE = "/registrations/{registration_id:str}/whereabouts"
_PAGE = "/registrations/{}/whereabouts"
_OF_SEARCH = HERE + "/{search_number:str}"


show = screen(
    HERE,
    "whereabouts.html",
    found=routes.list_searches,
    reasons=lambda act, language: reasons(act, language, Step.MISSING),
    going_on=lambda _, found: [one for one in found.items if one.end is None],
    ended=lambda _, found: [one for one in found.items if one.end is not None],
)
inform = form(f"{_OF_SEARCH}/informed", routes.record_informed, show)
look = form(f"{_OF_SEARCH}/look", routes.record_look, show)


@post(f"{_OF_SEARCH}/returned", permission=Permission.WHEREABOUTS_RECORD)
@form_on(show, typed=False)
def come_back(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str]) -> str:
    return _goes_on(acts, lambda act: routes.record_return(act, registration_id, search_number))


@post(f"{_OF_SEARCH}/found", permission=Permission.WHEREABOUTS_RECORD)
@form_on(show)
def find(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str], form: SentForm) -> str:
    said = given(FoundIn, values_of(FoundIn, form))
    return _goes_on(acts, lambda act: routes.record_found(act, registration_id, search_number, said))


@post(f"{_OF_SEARCH}/close", permission=Permission.WHEREABOUTS_CLOSE)
@form_on(show)
def close(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str], form: SentForm) -> str:
    said = given(SearchStopIn, values_of(SearchStopIn, form))
    return _goes_on(acts, lambda act: routes.close_search(act, registration_id, search_number, said))


@post(f"{_OF_SEARCH}/close/answer", permission=Permission.WHEREABOUTS_ANSWER)
@form_on(show, typed=False)
def answer(acts: RequestActs, registration_id: FromPath[str], search_number: FromPath[str], form: SentForm) -> str:
    said = given(SearchStopAnswerIn, {"granted": form.get("granted") == "yes"})
    return _goes_on(acts, lambda act: routes.answer_search_close(act, registration_id, search_number, said))


def _goes_on(acts: Acts, do: Callable[[Act], WhereaboutsOut]) -> str:
    """Carries out an act. Returns the address of the search, or of the first page if the search has ended."""
    found = acts.change(WhereaboutsOut, do)
    return _PAGE.format(found.registration) if found.status == RegistrationStatus.MISSING else "/"
