"""Rendering of pages: a template in the common frame, in the reader's language."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from inspect import signature
from itertools import takewhile
from math import ceil
from typing import Any, Literal, NamedTuple, TypeVar

from litestar import Litestar, MediaType, Response
from litestar.response import Redirect

from api.http.api_version import BASE
from api.http.connections import ActorRequest, AnyResponse
from api.http.cookies import session_secret_of
from api.http.methods import get, with_route
from api.pages.faults import Faults
from api.pages.forms import Form
from api.pages.navigation import ABOUT_ME, entry_of, may_go, menu_of, seen_by
from api.pages.rendering import text_of
from api.pages.sealed_cookies import keep, kept
from api.pages.translation import reader_language
from placement.access.permissions import Permission
from placement.accounts import sessions
from placement.core import clock
from placement.core.context import Actor
from placement.core.ids import new_secret

Page = ActorRequest
Reply = AnyResponse
"""A page, or a redirect to a page."""
Shown = TypeVar("Shown", bound=Callable[..., Reply])
SEE_OTHER: Literal[303] = 303
SAVED = "saved"

_WEB = {"http:", "https:"}
_IN_PATH = re.compile(r"{\w+:\w+}")


class FormShown(NamedTuple):
    """The errors and typed values of one form on a page with several forms; empty if another form was sent."""

    faults: Faults
    filled: Form | None


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a form is shown again: errors by field, a message above the form, and the typed values."""

    status: int
    faults: Faults
    message: str
    typed: Form | None = None


def page(
    request: Page,
    template: str,
    view: object = None,
    wrong: Wrong | None = None,
    *,
    status: int = 200,
    filled: Form | None = None,
    **more: object,
) -> Response[str]:
    """Renders a template in the common frame. Browsers do not store pages.

    - `view`: the content of the page, a dataclass; the template gets its fields, and `more`, by name
    - `filled`: the values of the form
    - `wrong`: the errors of a refused form, with the typed values

    On a page with several forms, the template calls `refused`, so that only the sent form shows errors.
    """
    faults, none = wrong.faults if wrong else Faults({}), FormShown(Faults({}), None)
    filled = (wrong.typed if wrong else None) or filled
    language = reader_language(request)
    actor: Actor | None = request.scope.get("user")
    secret = session_secret_of(request) if actor else None
    saved = kept(request, SAVED) if actor and not wrong else None
    shown: dict[str, Any] = {
        "path": request.url.path,
        "shown_at": _shown_at(request, whole=actor is not None),
        "actor": actor,
        "session_left": seconds_left(actor.ends_at) if actor else None,
        "menu": menu_of(actor),
        "menu_entry": entry_of(request.url.path),
        "about_me": seen_by(actor, ABOUT_ME),
        "may_search": actor is not None and may_go(actor, Permission.SESSION_READ),
        "at_once": forms_at_once(request.app),
        "new_key": lambda: new_secret("plf"),
        "csrf_token": sessions.csrf_token_of(secret) if secret else "",
        "may": lambda name: actor is not None and Permission[name].is_of(actor),
        "sso": request.app.state.settings.sso is not None,
        "contact": request.app.state.settings.contact,
        "faults": faults,
        "at_fault": False,
        "refused": lambda action: FormShown(faults, filled) if request.url.path == action else none,
        "wrong": wrong.message if wrong else None,
        "saved": saved,
        "filled": filled,
        "ring": getattr(request.state, "ring", None) or request.app.state.desk_numbers.latest(),
        **({} if view is None else {one.name: getattr(view, one.name) for one in fields(view)}),  # type: ignore[arg-type]  # a dataclass
        **more,
    }
    text = text_of(template, language, **shown)
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie"}
    answer = Response(text, media_type=MediaType.HTML, status_code=wrong.status if wrong else status, headers=headers)
    if saved:
        keep(request, answer, SAVED, None)
    return answer


@cache
def forms_at_once(app: Litestar) -> str:
    """Returns the addresses of forms that the command menu may send at once: forms that only compute (`only_asks`), and
    forms whose act the API can reverse.
    """
    routes, found = app.route_handler_method_map, []
    for path, methods in routes.items():
        declared = methods["POST"].opt if "POST" in methods else {}
        reversal = f"{BASE}{declared.get('operation')}/reversal"
        if declared.get("form") and (reversal in routes or declared.get("only_asks")):
            found.append(_IN_PATH.sub("*", path))
    return " ".join(sorted(found))


def page_at(path: str, **options: Any) -> Callable[[Shown], Shown]:
    """Returns a decorator that declares a page's function as a GET route, with its parameters before `wrong`."""

    def of(show: Shown) -> Shown:
        def handle(**facts: object) -> Reply:
            return show(**facts)

        taken = takewhile(lambda one: one.name != "wrong", signature(show).parameters.values())
        return with_route(show, get(path, **options), handle, taken, Response[str])

    return of


def address_of(request: Page) -> str:
    """Returns the address of the page with its query, such as the filter of a list."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _shown_at(request: Page, *, whole: bool) -> str:
    """Returns the address of the page. If a form was sent, this is the page that contains the form. `whole`: with the
    query, which may contain data that the next user of this browser must not see.
    """
    before, ours, address = request.headers.get("referer", "").partition(f"//{request.headers.get('host')}/")
    found = f"/{address}" if ours and before in _WEB and request.method != "GET" else address_of(request)
    return found if whole else found.partition("?")[0]


def seconds_left(ends_at: datetime | None) -> int | None:
    """Returns the seconds until a time, rounded up, or `None`."""
    return None if ends_at is None else ceil((ends_at - clock.now()).total_seconds())


def go(to: str) -> Reply:
    """Redirects after a form, so that reloading the page does not send the form again."""
    return Redirect(to, status_code=SEE_OTHER)
