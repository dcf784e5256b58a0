"""The page of a case's timeline."""

from datetime import datetime
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import RequestActs
from api.http.methods import get
from api.pages.frame import Page, page
from api.v1 import timeline as routes
from api.v1.audit import LAST_LINE
from placement.access.permissions import Permission

SHOWN = 50
Asked = Annotated[str, QueryParameter(max_length=20)]


@get("/registrations/{registration_id:str}/timeline", permission=Permission.TIMELINE_READ)
def show(request: Page, acts: RequestActs, registration_id: FromPath[str], before: Asked = "") -> Response[str]:
    """Shows the timeline. `before`: the number of an entry; other texts are ignored."""
    first = int(before) if before.isdecimal() and 0 < int(before) <= LAST_LINE else None
    found = acts.show("timeline", lambda act: routes.read_timeline(act, registration_id, acts.language, SHOWN, first))
    reads_case = Permission.REGISTRATION_READ.is_of(request.user)
    return page(request, "timeline.html", found=found, reads_case=reads_case, moment_of=datetime.fromisoformat)
