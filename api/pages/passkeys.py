"""The second factor, once more; and one's passkeys. A script asks the browser for one, and fills it into a form."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.cookies import session_secret_of
from api.http.methods import get, post
from api.pages.form_results import acted, form_on, given, gone
from api.pages.forms import Form, SentForm, credential_of
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.sign_in import ours
from api.v1 import passkeys as routes
from api.v1 import session
from api.v1.passkeys import NewPasskeyIn, PasskeyAgainIn, PasskeysOut
from api.v1.session import CodeAgainIn
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.core.context import Act

AGAIN = "/second-factor"
HERE = "/account/passkeys"


@dataclass(frozen=True, slots=True)
class Own:
    own: PasskeysOut
    fresh: bool
    """Whether the second factor was given again just now."""


@page_at(HERE, permission=Permission.PASSKEY_READ)
def show(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    def own(act: Act) -> Own:
        return Own(routes.list_passkeys(act), fresh_factor.is_fresh(act))

    view = acts.show("passkeys", own, Permission.PASSKEY_READ)
    return page(request, "passkeys.html", view, wrong)


def _again(request: Page, form: Form, wrong: Wrong) -> Response[str]:
    return page(request, "second_factor.html", None, wrong, to=ours(form.get("to")))


@get(AGAIN, permission=Permission.SESSION_VERIFY)
def ask_again(request: Page, to: Annotated[str, QueryParameter(max_length=200)] = "/") -> Response[str]:
    return page(request, "second_factor.html", to=ours(to))


@post(AGAIN, permission=Permission.SESSION_VERIFY)
@form_on(_again, typed=False)
def give_again(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """A code, or what a passkey signed; then the page that asked for it."""
    _verify(request, acts, form)
    return gone(request, ours(form.get("to")))


@post(HERE, permission=Permission.PASSKEY_CHANGE)
@form_on(show)
def make(acts: RequestActs, form: SentForm) -> str:
    wanted = given(NewPasskeyIn, {"name": form.get("name"), "credential": credential_of(form)})
    acts.write(lambda act: routes.make_passkey(act, wanted))
    return HERE


@post(f"{HERE}/{{passkey_id:str}}/remove", permission=Permission.PASSKEY_CHANGE)
def remove(acts: RequestActs, passkey_id: FromPath[str]) -> Reply:
    return acted(acts, lambda act: routes.remove_passkey(act, passkey_id), HERE, show)


def _verify(request: Page, acts: Acts, form: Form) -> None:
    """Takes the second factor that was given again in this form. Raises where it is wrong."""

    def check() -> None:
        if form.has("credential"):
            routes.check_passkey(acts, given(PasskeyAgainIn, {"credential": credential_of(form)}))
        else:
            session.check_code(acts, given(CodeAgainIn, {"code": form.get("code")}))

    acts.ask_and_write(check, lambda act, _: session.current(act, session_secret_of(request), act.at))
