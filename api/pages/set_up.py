"""What is missing that the service needs, for each role."""

from litestar import Response

from api.http.context import RequestActs
from api.http.methods import get
from api.pages.frame import Page, page
from api.v1.set_up import read_set_up
from placement.access.permissions import Permission


@get("/set-up", permission=Permission.SET_UP_READ)
def show(request: Page, acts: RequestActs) -> Response[str]:
    return page(request, "set_up.html", set_up=acts.show("set_up", read_set_up))
