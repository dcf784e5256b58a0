"""The search in the frame of every page, for users who place clients: finds a case by a caller's words."""

from litestar import Response

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.case_lists import remember
from api.pages.form_results import given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, go, page
from api.v1.registration_input import SearchIn
from placement.access.permissions import Permission
from placement.registrations.case_list import called_page

HERE = "/registrations/search"


@post(HERE, permission=Permission.REGISTRATION_SEARCH)
def search(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Shows the matching cases; if only one case matches, opens it. The typed words are in no URL."""
    said = form.get("said").strip()
    if not said:
        return go("/registrations")
    wanted = given(SearchIn, {"said": said[:100]})
    found = acts.show("search", lambda act: called_page(act, wanted.said), Permission.REGISTRATION_SEARCH)
    if found.total == 1:
        return go(f"/registrations/{found.items[0].id}")
    answer: Response[str] = page(request, "search.html", found)
    remember(request, answer, "", {"found": [row.id for row in found.items]})
    return answer
