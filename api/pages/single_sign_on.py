"""Signing in at one's own organisation. The browser comes back from another site, and what it brings is sent on from
a page of ours: only then does it send the cookie that says that it is the browser which left.
"""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.pages.forms import Form
from api.pages.frame import Page, again, given, go, page, told_model
from api.v1 import single_sign_on as routes
from placement.core.errors import PlacementError


@post("/sign-in/sso", public=True, form=True, status_code=200, sync_to_thread=True)
def depart(request: Page) -> Response[str]:
    """On to the provider: by itself, or by the link on the page. A form may not lead to another site."""
    try:
        answer = routes.begin_single_sign_on.fn(request)
    except PlacementError as error:
        return again(request, error, lambda **wrong: page(request, "sign_in.html", to="/", kept="", **wrong))
    location = told_model(answer)["location"]
    shown = page(request, "sso_leave.html", location=location)
    shown.headers["Refresh"] = f"0; url={location}"
    return _with_cookies(shown, answer)


@get("/sign-in/sso", public=True, sync_to_thread=True)
def come_back(request: Page) -> Response[str]:
    state, code = (request.query_params.get(name, "") for name in ("state", "code"))
    return page(request, "sso_return.html", state=state, code=code)


@post("/sign-in/sso/return", public=True, form=True, status_code=200, sync_to_thread=True)
def arrive(request: Page, form: NamedDependency[Form]) -> Response[Any]:
    """Signed in, or the page for our own code."""
    try:
        brought = given(routes.ReturnedIn, {name: form.get(name) for name in ("state", "code")})
        answer = routes.finish_single_sign_on.fn(request, brought)
    except PlacementError as error:
        return again(request, error, lambda **wrong: page(request, "sign_in.html", to="/", kept="", **wrong))
    challenge = told_model(answer)["challenge"]
    shown: Response[Any] = page(request, "code.html", challenge=challenge, to="/", kept="") if challenge else go("/")
    return _with_cookies(shown, answer)


def _with_cookies(shown: Response[Any], answer: Any) -> Response[Any]:
    for cookie in answer.cookies:
        shown.set_cookie(cookie)
    return shown
