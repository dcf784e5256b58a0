"""Refusals as pages: not signed in, not allowed, not found. Each writes an audit event."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.routes import HTTPRoute
from litestar.types import Receive, Scope, Send

from api.http.connections import AnyRequest, AnyResponse
from api.http.problems import HANDLERS, of_http, retry_after, status_of
from api.http.refusal_log import REFUSED, Refusal
from api.pages.case_lists import between, go_on_in
from api.pages.faults import message_of
from api.pages.forms import OURS, PASSWORDS, Form, form_of, is_from_our_pages
from api.pages.frame import SEE_OTHER, Page, Reply, Wrong, address_of, go, page
from api.pages.translation import reader_language
from placement.core.errors import BudgetSpent, Busy, Invalid, PlacementError, Unauthenticated
from placement.text.catalogue import Language, translate

EVENT_STREAM = "text/event-stream"
ENDED = "event: ended\ndata: -\n\n"
"""The message for an open page whose session has ended (`changes.watch`)."""
_READING = {"GET", "HEAD"}
_NO_PAGES = ("/api/", "/health/")
_UNREADABLE = {"invalid", "malformed", "malformed_at", "malformed_cut_off"}
"""Codes of malformed requests. On a page they mean that the address is wrong."""


def of_page(request: Page, error: PlacementError) -> Reply:
    """Answers a refusal with a page. Without a session, redirects to the sign-in page and keeps the typed values. A
    page that waits for changes gets the message that the session has ended.
    """
    if isinstance(error, Unauthenticated):
        listens = EVENT_STREAM in request.headers.get("accept", "")
        return Refusal(Response(ENDED, media_type=EVENT_STREAM), error) if listens else _SignInFirst(error)
    case = request.path_params.get("registration_id") or request.query_params.get("registration")
    if error.code == "reason_needed" and case:
        return Refusal(ask_why(request, str(case)), error)
    if error.code == "passkey_needed" and request.scope.get("user"):
        return Refusal(go("/account/passkeys"), error)
    language, status = reader_language(request), status_of(error)
    title, message = translate("status", status, language), _words_of(error, language)
    part = request.route_handler.opt.get("busy")
    if part and "hx-request" in request.headers and isinstance(error, Busy | BudgetSpent):
        # the page's script shows only an answer with status 200
        return page(request, part, busy=message)
    answer = page(request, "refusal.html", status=status, title=title, message=message)
    answer.headers.update(retry_after(error))
    return Refusal(answer, error) if isinstance(error, REFUSED) else answer


def _words_of(error: PlacementError, language: Language) -> str:
    """Returns the text of an error with all its faults, for a page without a form."""
    found = error.faults if isinstance(error, Invalid) else [error]
    return " ".join(dict.fromkeys(message_of(one.code, one.facts, language) for one in found))


def of_address(request: AnyRequest, error: HTTPException) -> AnyResponse:
    """Answers an unknown address with a page, if a browser asks. If the address only takes forms (a browser may have it
    in its history), redirects to the page above it.
    """
    answer = of_http(request, error)
    looks = request.method in _READING and "text/html" in request.headers.get("accept", "")
    if not looks or request.url.path.startswith(_NO_PAGES):
        return answer
    if isinstance(error, MethodNotAllowedException):
        return go(_page_above(request))
    return _as_page(request, answer)


def _page_above(request: AnyRequest) -> str:
    """Returns the nearest address of a page above this address."""
    steps = request.url.path.strip("/").split("/")
    pages = [
        route.path.strip("/").split("/")
        for route in request.app.routes
        if isinstance(route, HTTPRoute) and "GET" in route.methods
    ]
    while steps := steps[:-1]:
        if any(_leads_to(known, steps) for known in pages):
            return "/" + quote("/".join(steps))
    return "/"


def _leads_to(known: list[str], steps: list[str]) -> bool:
    return len(known) == len(steps) and all(
        part.startswith("{") or part == step for part, step in zip(known, steps, strict=True)
    )


OF_ADDRESSES: dict[int | type[Exception], Any] = {HTTPException: of_address}
"""Handlers of errors that occur before a route is known."""


def in_a_page(problem: Callable[[object, object], Response[bytes]]) -> Callable[[Any, object], AnyResponse]:
    """Makes an error handler for pages from a handler that returns a problem document."""
    return lambda request, error: _as_page(request, problem(request, error))


OF_PAGES = {kind: in_a_page(problem) for kind, problem in HANDLERS.items()} | {PlacementError: of_page}
"""The error handlers of pages."""


def _as_page(request: Page, problem: Response[bytes]) -> Reply:
    language, status = reader_language(request), problem.status_code or 500
    code = str(json.loads(problem.content)["type"]).rpartition(":")[2]
    answer = page(
        request,
        "refusal.html",
        status=status,
        title=translate("status", status, language),
        message=message_of("not_right" if code in _UNREADABLE else code, {}, language),
    )
    kept = ("allow", "retry-after")
    answer.headers.update({name: value for name, value in problem.headers.items() if name.lower() in kept})
    return answer


def ask_why(request: Page, registration_id: str, wrong: Wrong | None = None) -> Response[str]:
    """Shows the form that asks for a reason, to open a case of another region."""
    chosen = request.query_params.get("in", "")
    answer = page(
        request,
        "access_grant.html",
        None,
        wrong,
        status=403,
        registration=registration_id,
        between=between(request, registration_id, chosen),
    )
    go_on_in(request, answer, chosen)
    return answer


class _SignInFirst(Response[bytes]):
    """A redirect to the sign-in page that keeps the values of a form."""

    def __init__(self, error: PlacementError) -> None:
        super().__init__(b"", status_code=SEE_OTHER)
        self._error = error

    def to_asgi_response(self, app: object, request: Page, **rest: object) -> Any:
        async def send_it(scope: Scope, receive: Receive, send: Send) -> None:
            to = address_of(request)
            if request.method in _READING or not is_from_our_pages(request):
                facts = {"to": to} if to != "/" and request.method in _READING else {}
                facts |= {"ended": "1"} if self._error.code == "session_refused" else {}
                location = f"/sign-in?{urlencode(facts, quote_via=quote, safe='/')}" if facts else "/sign-in"
                answer = Response("", status_code=SEE_OTHER, headers={"Location": location})
            else:
                kept = kept_of(await form_of(request))
                answer = page(request, "sign_in.html", status=401, to=to, kept=kept, ended=True)
            await Refusal(answer, self._error).to_asgi_response(app, request, **rest)(scope, receive, send)

        return send_it


def kept_of(form: Form) -> str:
    """Returns the typed values as JSON, without passwords, so that the browser can keep them during the sign-in."""
    return json.dumps([field for field in form.fields if field[0] not in OURS | PASSWORDS])
