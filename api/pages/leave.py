"""The page on which a person requests the end of the installation. A second person grants the request elsewhere."""

from litestar import Response

from api.http.context import RequestActs
from api.pages import second_person
from api.pages.declared_pages import form
from api.pages.forms import Form
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import leave
from placement.access.fresh_factor import is_fresh
from placement.access.permissions import Permission

HERE = "/leave"


@page_at(HERE, permission=Permission.REVIEW_READ)
def show(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    verified = acts.show("leave", is_fresh, Permission.SESSION_READ)
    return page(request, "leave.html", None, wrong, filled=Form([]), verified=verified)


ask = form(f"{HERE}/ask", leave.request_leave, show, to=second_person.HERE)
