"""Single sign-on at the provider of the user's organisation.

The browser returns from another site; a page of this service submits the result, since only then does the browser send
the cookie that binds the return to the browser that left.
"""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.pages.forms import Form
from api.pages.frame import Page, again, given, go, model_of, page
from api.v1 import single_sign_on as routes
from placement.core.errors import PlacementError


@post("/sign-in/sso", public=True, form=True, status_code=200, sync_to_thread=True)
def depart(request: Page) -> Response[str]:
    """Leads to the provider, by a `Refresh` header or by the link on the page.

    The CSP does not allow a form to lead to another site.
    """
    try:
        answer = routes.begin_single_sign_on.fn(request)
    except PlacementError as error:
        return again(request, error, lambda **wrong: page(request, "sign_in.html", to="/", kept="", **wrong))
    location = model_of(answer)["location"]
    shown = page(request, "sso_leave.html", location=location)
    shown.headers["Refresh"] = f"0; url={location}"
    return _with_cookies(shown, answer)


@get("/sign-in/sso", public=True, sync_to_thread=True)
def come_back(request: Page) -> Response[str]:
    state, code = (request.query_params.get(name, "") for name in ("state", "code"))
    return page(request, "sso_return.html", state=state, code=code)


@post("/sign-in/sso/return", public=True, form=True, status_code=200, sync_to_thread=True)
def arrive(request: Page, form: NamedDependency[Form]) -> Response[Any]:
    """Signed in, or the page for the service's own code."""
    try:
        brought = given(routes.ReturnedIn, {name: form.get(name) for name in ("state", "code")})
        answer = routes.finish_single_sign_on.fn(request, brought)
    except PlacementError as error:
        return again(request, error, lambda **wrong: page(request, "sign_in.html", to="/", kept="", **wrong))
    challenge = model_of(answer)["challenge"]
    shown: Response[Any] = page(request, "code.html", challenge=challenge, to="/", kept="") if challenge else go("/")
    return _with_cookies(shown, answer)


def _with_cookies(shown: Response[Any], answer: Any) -> Response[Any]:
    for cookie in answer.cookies:
        shown.set_cookie(cookie)
    return shown
