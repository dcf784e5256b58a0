"""Clients who need a place: the list, and one registration. The form: `drafts.py`."""

from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts
from api.pages.forms import Form
from api.pages.frame import Page, content_of, done, given, page
from api.pages.map import dangers
from api.pages.progress import found
from api.pages.refused import ask_why
from api.v1 import access_grants, holds, proposals
from api.v1 import registrations as routes
from api.v1.registration_input import ClosingIn
from placement.access.permissions import Permission
from placement.core.codes import Region, RegistrationStatus, Urgency
from placement.retention.schedule_of_cases import CONTENT_FOR

PAGE = 50
WAITED = (1, 3, 7, 14, 28)
"""Periods that the list can be filtered by, in days."""

StatusAsked = Annotated[str, QueryParameter(max_length=20)]
Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000)]


@get("/registrations", permission=Permission.REGISTRATIONS_READ, sync_to_thread=True)
def list_all(  # noqa: PLR0917  (each is a filter)
    request: Page,
    acts: NamedDependency[Acts],
    status: StatusAsked = "open",
    region: StatusAsked = "",
    urgency: StatusAsked = "",
    waited: StatusAsked = "",
    offset: Offset = 0,
) -> Response[str]:
    """Filters from the address, as codes only; an unknown code is ignored."""
    which = next((one for one in RegistrationStatus if one == status), None)
    where = next((one for one in Region if one == region), None)
    how = next((one for one in Urgency if str(one.value) == urgency), None)
    days = next((one for one in WAITED if str(one) == waited), None)
    rows = content_of(routes.list_registrations.fn(acts, which, where, PAGE, offset, how, days))
    asked = {"status": which or "", "region": where or "", "urgency": urgency if how else "", "waited": days or ""}
    return page(
        request, "registrations.html", found=rows, asked=asked, days=WAITED, offset=offset, step=PAGE,
        more=lambda start: "/registrations?" + urlencode(asked | {"offset": start}),
    )  # fmt: skip


@get(
    "/registrations/{registration_id:str}",
    permission=Permission.REGISTRATION_READ,
    sync_to_thread=True,
)
def show(request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str]) -> Response[str]:
    return _one(request, acts, registration_id)


@post(
    "/registrations/{registration_id:str}/open", permission=Permission.REGISTRATION_OPEN, form=True, sync_to_thread=True
)
def open_case(
    request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    def do() -> str:
        access_grants.open_case.fn(
            acts, registration_id, given(access_grants.AccessGrantIn, form.some("reason", "text"))
        )
        return f"/registrations/{registration_id}"

    return done(request, do, lambda **wrong: ask_why(request, registration_id, filled=form, **wrong))


@post("/registrations/{registration_id:str}/propose", permission=Permission.PROPOSAL_MAKE, form=True)
async def propose(request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str]) -> Response[Any]:
    def do() -> str:
        return f"/proposals/{content_of(proposals.make_proposal.fn(acts, request, registration_id))['id']}"

    back = f"/registrations/{registration_id}"
    return await found(
        request, do, lambda **wrong: _one(request, acts, registration_id, **wrong), words=registration_id, back=back
    )


@get("/registrations/{registration_id:str}/close", permission=Permission.REGISTRATION_CHANGE, sync_to_thread=True)
def ask_to_close(request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str]) -> Response[Any]:
    """The consequences of closing, before it is confirmed."""
    return _closing(request, acts, registration_id)


@post(
    "/registrations/{registration_id:str}/close",
    permission=Permission.REGISTRATION_CHANGE,
    form=True,
    sync_to_thread=True,
)
def close(
    request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    def do() -> str:
        closing = given(ClosingIn, {"reason": form.get("reason") or None})
        routes.close_registration.fn(acts, registration_id, closing)
        return f"/registrations/{registration_id}"

    return done(request, do, lambda **wrong: _closing(request, acts, registration_id, filled=form, **wrong))


@post(
    "/registrations/{registration_id:str}/avoided/{avoidance_id:str}/lift",
    permission=Permission.AVOIDANCE_LIFT,
    form=True,
    sync_to_thread=True,
)
def lift(
    request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str], avoidance_id: FromPath[str]
) -> Response[Any]:
    def do() -> str:
        routes.lift_avoidance.fn(acts, registration_id, avoidance_id)
        return f"/registrations/{registration_id}"

    return done(request, do, lambda **wrong: _one(request, acts, registration_id, **wrong))


def _closing(request: Page, acts: Acts, registration_id: str, **shown: Any) -> Response[Any]:
    """The page to close a registration; one that was closed meanwhile shows its own page with the error."""
    one = content_of(routes.read_registration.fn(acts.under(Permission.REGISTRATION_READ), registration_id))
    if one["status"] not in {"draft", "open"}:
        return _one(request, acts, registration_id, **shown)
    return page(request, "close.html", one=one, kept_days=CONTENT_FOR.days, **shown)


def _one(request: Page, acts: Acts, registration_id: str, **shown: Any) -> Response[str]:
    one = content_of(routes.read_registration.fn(acts, registration_id))
    found = content_of(holds.list_holds.fn(acts, None, registration_id, 5, 0))["items"]
    drawn = dangers(one["threats"])
    return page(request, "registration.html", one=one, holds=found, dangers=drawn, **shown)
