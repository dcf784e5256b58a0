"""The pages for passkeys, and for giving the second factor again. A script fills the browser's answer into a form."""

from typing import Annotated

from litestar import Response
from litestar.params import QueryParameter

from api.http.context import Acts, RequestActs
from api.http.cookies import session_secret_of
from api.http.methods import get, post
from api.pages.declared_pages import form, screen
from api.pages.form_results import form_on, given, gone
from api.pages.forms import Form, SentForm, credential_of
from api.pages.frame import Page, Reply, Wrong, page
from api.pages.sign_in import ours
from api.v1 import passkeys as routes
from api.v1 import session
from api.v1.passkeys import PasskeyAgainIn
from api.v1.session import CodeAgainIn
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.accounts import demo
from placement.core import clock
from placement.core.context import Act

AGAIN = "/second-factor"
HERE = "/account/passkeys"


def _again(request: Page, form: Form, wrong: Wrong) -> Response[str]:
    return page(request, "second_factor.html", None, wrong, to=ours(form.get("to")), code=_code_in_practice(request))


@get(AGAIN, permission=Permission.SESSION_VERIFY)
def ask_again(request: Page, to: Annotated[str, QueryParameter(max_length=200)] = "/") -> Response[str]:
    return page(request, "second_factor.html", to=ours(to), code=_code_in_practice(request))


def _code_in_practice(request: Page) -> str | None:
    with request.app.state.database.transaction() as session:
        return demo.code_of(Act(session, request.user, clock.now(), request.app.state.settings))


@post(AGAIN, permission=Permission.SESSION_VERIFY)
@form_on(_again, typed=False)
def give_again(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Checks a code or a passkey, and returns to the page that needed it."""
    _verify(request, acts, form)
    return gone(request, ours(form.get("to")))


def _verify(request: Page, acts: Acts, form: Form) -> None:
    """Checks the second factor in the form. Raises an error if it is wrong."""

    def check() -> None:
        if form.has("credential"):
            routes.check_passkey(acts, given(PasskeyAgainIn, {"credential": credential_of(form)}))
        else:
            session.check_code(acts, given(CodeAgainIn, {"code": form.get("code")}))

    acts.ask_and_write(check, lambda act, _: session.current(act, session_secret_of(request), act.at))


def _made(form: Form) -> dict[str, object]:
    return {"credential": credential_of(form)}


show = screen(HERE, "passkeys.html", own=routes.list_passkeys, fresh=fresh_factor.is_fresh)
make = form(HERE, routes.make_passkey, show, facts=_made)
remove = form(f"{HERE}/{{passkey_id:str}}/remove", routes.remove_passkey, show)
