"""The audit log: search, read access to a case, anomalies to review, and legal holds."""

from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts
from api.pages.forms import Form
from api.pages.frame import Page, again, content_of, given, go, page
from api.v1 import audit as routes
from api.v1 import legal_hold
from placement.access.permissions import Permission
from placement.audit.log import Event
from placement.core.errors import Invalid, NotFound, PlacementError

SHOWN = 50
Asked = Annotated[str, QueryParameter(max_length=100)]


@get("/log", permission=Permission.AUDIT_READ, sync_to_thread=True)
def search(
    request: Page,
    acts: NamedDependency[Acts],
    *,
    actor: Asked = "",
    registration: Asked = "",
    event: Asked = "",
    since: Asked = "",
    until: Asked = "",
    before: Asked = "",
) -> Response[str]:
    asked = {"actor": actor, "registration": registration, "event": event, "since": since, "until": until}
    try:
        wanted = {
            "actor": actor or None,
            "registration": registration or None,
            "event": Event(event) if event in set(Event) else None,
            "since": _day("since", since),
            "until": _day("until", until),
            "before": int(before) if before.isdecimal() else None,
        }
        found = content_of(routes.search_log.fn(acts, **wanted, limit=SHOWN))
    except PlacementError as error:
        empty: dict[str, Any] = {"items": [], "next": None}
        return again(request, error, lambda **wrong: _log(request, acts, asked, empty, **wrong))
    return _log(request, acts, asked, found)


@get("/log/cases/{registration_id:str}", permission=Permission.ACCESS_READ, sync_to_thread=True)
def show_accesses(
    request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str], before: Asked = ""
) -> Response[str]:
    """Read access to and changes of this case."""
    last = int(before) if before.isdecimal() else None
    found = content_of(routes.read_accesses.fn(acts, registration_id, last, SHOWN))
    return page(request, "log_case.html", registration=registration_id, found=found)


@get("/log/cases", permission=Permission.ACCESS_READ, sync_to_thread=True)
def find_case(registration: Asked = "") -> Response[Any]:
    """The field for a reference."""
    return go(f"/log/cases/{registration}" if registration.replace("-", "").isalnum() else "/review")


@get("/review", permission=Permission.REVIEW_READ, sync_to_thread=True)
def list_review(request: Page, acts: NamedDependency[Acts], status: Asked = "waiting") -> Response[str]:
    return _review(request, acts, status)


@post("/review/{oddity_id:str}/tick", permission=Permission.REVIEW_ACKNOWLEDGE, form=True, sync_to_thread=True)
def acknowledge(
    request: Page, acts: NamedDependency[Acts], oddity_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    facts = {"outcome": form.get("outcome"), "note": form.get("note") or None}
    try:
        routes.acknowledge_anomaly.fn(acts, oddity_id, given(routes.AcknowledgementIn, facts))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _review(request, acts, "", about=oddity_id, filled=form, **wrong))
    return go("/review")


@get("/registrations/{registration_id:str}/legal-hold", permission=Permission.LEGAL_HOLD_READ, sync_to_thread=True)
def show_legal_hold(request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str]) -> Response[str]:
    return _legal_hold(request, acts, registration_id)


@post(
    "/registrations/{registration_id:str}/legal-hold",
    permission=Permission.LEGAL_HOLD_ASK,
    form=True,
    sync_to_thread=True,
)
def ask_legal_hold(
    request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    facts = {name: form.get(name) or None for name in ("reason", "review_on")}
    try:
        legal_hold.ask_legal_hold.fn(acts, registration_id, given(legal_hold.LegalHoldIn, facts))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _legal_hold(request, acts, registration_id, filled=form, **wrong))
    return go(f"/registrations/{registration_id}/legal-hold")


@post(
    "/registrations/{registration_id:str}/legal-hold/answer",
    permission=Permission.LEGAL_HOLD_ANSWER,
    form=True,
    sync_to_thread=True,
)
def answer_legal_hold(
    request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    answer = legal_hold.LegalHoldAnswerIn(granted=form.get("granted") == "yes")
    try:
        legal_hold.answer_legal_hold.fn(acts, registration_id, answer)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _legal_hold(request, acts, registration_id, **wrong))
    return go(f"/registrations/{registration_id}/legal-hold")


@post(
    "/registrations/{registration_id:str}/legal-hold/lift",
    permission=Permission.LEGAL_HOLD_LIFT,
    form=True,
    sync_to_thread=True,
)
def lift_legal_hold(request: Page, acts: NamedDependency[Acts], registration_id: FromPath[str]) -> Response[Any]:
    try:
        legal_hold.lift_legal_hold.fn(acts, registration_id)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _legal_hold(request, acts, registration_id, **wrong))
    return go(f"/registrations/{registration_id}/legal-hold")


def _log(request: Page, acts: Acts, asked: dict[str, str], found: dict[str, Any], **shown: Any) -> Response[str]:
    chain = content_of(routes.read_chain.fn(acts))
    events = [(event.value, event.value) for event in sorted(Event)]
    return page(request, "log.html", asked=asked, found=found, chain=chain, events=events, **shown)


def _review(request: Page, acts: Acts, asked: str, **shown: Any) -> Response[str]:
    state = routes.State(asked) if asked in set(routes.State) else None
    found = content_of(routes.list_review.fn(acts.under(Permission.REVIEW_READ), state, SHOWN, 0))
    return page(request, "review.html", found=found, state=asked, me=request.user.id, **{"about": None, **shown})


def _legal_hold(request: Page, acts: Acts, registration_id: str, **shown: Any) -> Response[str]:
    try:
        found = content_of(legal_hold.read_legal_hold.fn(acts.under(Permission.LEGAL_HOLD_READ), registration_id))
    except NotFound:
        # The same answer for a case without a legal hold and for no case, so that the page does not disclose existence.
        found = None
    may = request.user.role in Permission.LEGAL_HOLD_ASK.reach
    facts = {"registration": registration_id, "found": found, "may": may, "me": request.user.id}
    return page(request, "legal_hold.html", **facts, **shown)


def _day(name: str, written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise Invalid.at(name, "not_a_day") from error
