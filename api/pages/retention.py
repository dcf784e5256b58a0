"""Retention periods, erased data, and, for the desk, current legal holds."""

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.context import Acts
from api.pages.frame import Page, content_of, page
from api.v1 import retention
from placement.access.permissions import Permission

HOLDS = 100


@get("/retention", permission=Permission.RETENTION_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    found = content_of(retention.read_retention.fn(acts))
    goes = [kind for kind in found["kinds"] if kind["fate"] != "kept"]
    stays = [kind for kind in found["kinds"] if kind["fate"] == "kept"]
    holds = None
    if request.user.role in Permission.LEGAL_HOLD_READ.reach:
        holds = content_of(retention.list_legal_holds.fn(acts.under(Permission.LEGAL_HOLD_READ), HOLDS, 0))
    return page(request, "retention.html", found=found, goes=goes, stays=stays, holds=holds)
