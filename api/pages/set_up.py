"""What is missing that the service needs, for each role."""

from dataclasses import dataclass

from litestar import Response

from api.http.context import RequestActs
from api.http.methods import get
from api.pages.frame import Page, page
from api.v1.set_up import SetUpOut, set_up
from placement.access.permissions import Permission


@dataclass(frozen=True, slots=True)
class SetUp:
    set_up: SetUpOut


@get("/set-up", permission=Permission.SET_UP_READ)
def show(request: Page, acts: RequestActs) -> Response[str]:
    return page(request, "set_up.html", acts.show("set_up", lambda act: SetUp(set_up(act))))
