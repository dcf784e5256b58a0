"""Sign-in in two steps, sign-out, and the choice of language."""

import hmac
import json
from dataclasses import dataclass
from typing import Literal

from litestar import Response
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from api.http.context import RequestActs
from api.http.cookies import (
    cookies_of,
    no_session_cookie,
    room_cookie,
    room_secret_of,
    session_cookie,
    sign_in_of,
)
from api.http.methods import get, post
from api.http.work_kinds import Work
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm, credential_of, fields_of
from api.pages.frame import Page, Reply, Wrong, go, page
from api.pages.sealed_cookies import forget
from api.pages.translation import LANGUAGE_COOKIE
from api.v1 import passkeys as routes
from api.v1.passkeys import PasskeyCodeIn
from api.v1.session import end_this
from placement.access.permissions import Permission
from placement.accounts import demo, login, passkeys, sessions
from placement.accounts.login import Begun
from placement.core.codes import Role
from placement.core.settings import LOOPBACK, Settings
from placement.practice import room
from placement.text.catalogue import DEFAULT, languages

_YEAR = 365 * 24 * 3600
_SEND_AGAIN: Literal[307] = 307
"""A redirect that makes the browser send the form to another address."""
_LONGEST_ADDRESS = 500
"""The largest number of characters of an address. The query of a longer address is dropped."""


def _first_step(request: Page, form: Form, wrong: Wrong) -> Response[str]:
    kept = form.get("kept")
    offered = _offered(request)
    to = ours(form.get("to"))
    return page(request, "sign_in.html", None, wrong, to=to, kept=kept, ended=bool(kept), offered=offered)


@get("/sign-in", public=True)
def ask_who(request: Page, to: FromQuery[str] = "/", *, ended: FromQuery[bool] = False) -> Response[str]:
    """Shows the sign-in page. `ended`: true if a session has just ended."""
    return page(request, "sign_in.html", to=ours(to), kept="", ended=ended, offered=_offered(request))


@get("/practice/enter/{secret:str}", public=True)
def enter_practice(request: Page, secret: FromPath[str]) -> Response[str]:
    """Opens the practice room with its link. The browser can then choose a role or person there without a password."""
    settings = request.app.state.settings
    if not (settings.practice and hmac.compare_digest(secret.encode(), room.secret_of(settings.var).encode())):
        raise NotFoundException
    shown = page(request, "sign_in.html", to="/practice", kept="", ended=False, offered=_offered(request, let_in=True))
    shown.set_cookie(room_cookie(settings, secret))
    return shown


@dataclass(frozen=True, slots=True)
class Offered:
    """The choices for a sign-in without a password: roles, and in the practice room also people."""

    roles: list[Role]
    people: list[tuple[str, str, Role]]


def _offered(request: Page, *, let_in: bool = False) -> Offered:
    """Returns the roles and people that this browser can choose in the demo or the practice room; elsewhere nothing.
    The browser must be on this machine, or have opened the practice room's link. `let_in`: true if it does so now.
    """
    settings: Settings = request.app.state.settings
    if not (let_in or (settings.practice and _came_by_the_link(request)) or _is_this_machine(request)):
        return Offered([], [])
    with request.app.state.database.transaction() as session:
        people = [(one.id, one.email, one.role) for one in demo.people(session, settings)]
        return Offered(list(demo.offered(session, settings)), people)


def _came_by_the_link(request: Page) -> bool:
    kept, settings = room_secret_of(request), request.app.state.settings
    return hmac.compare_digest(kept.encode(), room.secret_of(settings.var).encode())


def _is_this_machine(request: Page) -> bool:
    """Checks the address and the host name of the request. The address alone is not enough, because another site can
    point its own host name at this machine (DNS rebinding).
    """
    host = request.client.host if request.client else ""
    came_on = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    return host in LOOPBACK and request.url.hostname in LOOPBACK and not came_on


@post("/sign-in/demo", public=True)
def try_role(request: Page, form: SentForm) -> Reply:
    """Signs in without a password, as a role or person that this browser can choose."""
    if not _offered(request).roles:
        raise NotFoundException
    return _signed_in(request, form, demo.sign_in(*sign_in_of(request), who=form.get("role")))


@post("/sign-in", work=Work.PASSWORD, public=True)
@form_on(_first_step, typed=False)
def give_password(request: Page, form: SentForm) -> Reply:
    """First step: the password. A wrong password leads to the same page for the code, so nothing is disclosed."""
    email, password = form.get("email")[:254], form.get("password")
    challenge = login.give_password(*sign_in_of(request), email=email, password=password)
    return code_page(request, challenge, ours(form.get("to")), form.get("kept"))


def code_page(request: Page, challenge: str, to: str = "/", kept: str = "") -> Response[str]:
    """Shows the page of the second step, for a passkey or a code."""
    options = passkeys.sign_in_options(request.app.state.settings, challenge)
    asked = json.dumps(options) if options else None
    return page(request, "code.html", challenge=challenge, to=to, kept=kept, options=asked)


@post("/sign-in/code", public=True)
@form_on(_first_step, typed=False)
def give_code(request: Page, form: SentForm) -> Reply:
    """Second step: checks the code. Then opens the requested page, with kept form values."""
    begun = login.give_code(*sign_in_of(request), challenge=form.get("challenge"), code=form.get("code"))
    return _signed_in(request, form, begun)


@post("/sign-in/passkey", public=True)
@form_on(_first_step, typed=False)
def give_passkey(request: Page, form: SentForm) -> Reply:
    """Second step with a passkey, otherwise like `give_code`."""
    facts = {"challenge": form.get("challenge"), "credential": credential_of(form)}
    return _signed_in(request, form, routes.sign_in(request, given(PasskeyCodeIn, facts)))


def _signed_in(request: Page, form: Form, begun: Begun) -> Reply:
    state, to, kept = request.app.state, ours(form.get("to")), form.get("kept")
    answer: Reply = go(to)
    earlier = request.cookies.get(session_cookie(state.settings), "")
    if kept and (account := sessions.account_of_both(state.database, earlier, begun.session)):
        answer = page(
            request,
            "resume.html",
            to=to,
            fields=fields_of(kept),
            csrf_token=sessions.csrf_token_of(begun.session),
            session_left=int(state.settings.session_idle.total_seconds()),
            session_account=account,
        )
    for cookie in cookies_of(state.settings, begun):
        answer.set_cookie(cookie)
    return answer


@post("/sign-out", permission=Permission.SESSION_END)
def sign_out(request: Page, acts: RequestActs) -> Reply:
    acts.write(end_this)
    answer = go("/sign-in")
    answer.set_cookie(no_session_cookie(request.app.state.settings))
    forget(request, answer)
    return answer


@post("/language", public=True)
def choose_language(request: Page, form: SentForm) -> Reply:
    """Stores the language in this browser for a year. On an invitation's page, the browser sends its form again."""
    with_token = bool(form.get("token"))
    answer: Reply = Redirect("/invitation", status_code=_SEND_AGAIN) if with_token else go(ours(form.get("to")))
    chosen = form.get("language") if form.get("language") in languages() else DEFAULT
    secure = not request.app.state.settings.plain_http
    answer.set_cookie(
        Cookie(key=LANGUAGE_COOKIE, value=chosen, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
    )
    return answer


def ours(to: str) -> str:
    """Returns the address if it is on this site, otherwise `/`. Prevents open redirects."""
    if len(to) > _LONGEST_ADDRESS:
        to = to.partition("?")[0][:_LONGEST_ADDRESS]
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and "\\" not in to else "/"
