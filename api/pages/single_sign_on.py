"""Single sign-on with the provider of the user's organisation.

The provider sends the browser back to a page of this service, which submits the result. Only on this second request
does the browser send the cookie that proves that it began the sign-in.
"""

from collections.abc import Sequence

from litestar import Response
from litestar.datastructures import Cookie

from api.http.cookies import sign_in_of
from api.http.methods import get, post
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Reply, Wrong, go, page
from api.pages.sign_in import code_page
from api.v1.single_sign_on import ReturnedIn, begin, finish
from placement.accounts import sso


def _sign_in(request: Page, wrong: Wrong) -> Response[str]:
    return page(request, "sign_in.html", None, wrong, to="/", kept="")


@post("/sign-in/sso", public=True)
@form_on(_sign_in)
def depart(request: Page) -> Reply:
    """Sends the browser to the provider with the header `Refresh`, or with a link on the page. The content security
    policy does not allow a form to lead to another site.
    """
    going, cookie = begin(request)
    shown = page(request, "sso_leave.html", location=going.location)
    shown.headers["Refresh"] = f"0; url={going.location}"
    return _with_cookies(shown, [cookie])


@get("/sign-in/sso", public=True)
def come_back(request: Page) -> Response[str]:
    state, code = (request.query_params.get(name, "") for name in ("state", "code"))
    return page(request, "sso_return.html", state=state, code=code)


@post("/sign-in/sso/return", public=True)
@form_on(_sign_in, typed=False)
def arrive(request: Page, form: SentForm) -> Reply:
    """Signs in, or shows the page for the service's own second factor."""
    brought = given(ReturnedIn, form.every("state", "code"))
    arrived, cookies = finish(request, brought)
    challenge = arrived.challenge
    shown = code_page(request, challenge) if challenge else go("/")
    return _with_cookies(shown, cookies)


@post("/sign-in/sso/logout", public=True, by_provider=True)
def log_out(request: Page, form: SentForm) -> Response[str]:
    """Ends the sessions of a person who signed out at the provider. The provider itself sends this request."""
    sso.log_out(*sign_in_of(request), token=form.get("logout_token"))
    return Response("", media_type="text/plain")


def _with_cookies(shown: Reply, cookies: Sequence[Cookie]) -> Reply:
    for cookie in cookies:
        shown.set_cookie(cookie)
    return shown
