"""Address disclosure: after a fresh second factor, once, and hidden again after a minute."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http.context import Acts
from api.pages.forms import Form
from api.pages.frame import Page, content_of, done, given, page
from api.v1 import holds, session
from placement.access.permissions import Permission
from placement.accounts import totp
from placement.core.codes import Protocol
from placement.core.context import Actor
from placement.core.errors import NotAllowed


@get("/holds/{hold_id:str}/address", permission=Permission.ADDRESS_DISCLOSE, sync_to_thread=True)
def ask(request: Page, acts: NamedDependency[Acts], hold_id: FromPath[str]) -> Response[str]:
    """Asks for the code first: opening this page shows no address."""
    return _page(request, acts, hold_id)


@post("/holds/{hold_id:str}/address/code", permission=Permission.SESSION_VERIFY, form=True, sync_to_thread=True)
def give_code(
    request: Request[Actor, Protocol, Any],
    acts: NamedDependency[Acts],
    hold_id: FromPath[str],
    form: NamedDependency[Form],
) -> Response[Any]:
    def do() -> str:
        session.give_code_again.fn(request, acts, given(session.CodeAgainIn, {"code": form.get("code")}))
        return f"/holds/{hold_id}/address"

    return done(request, do, lambda **wrong: _page(request, acts, hold_id, **wrong))


@post("/holds/{hold_id:str}/address", permission=Permission.ADDRESS_DISCLOSE, form=True, sync_to_thread=True)
def disclose(request: Page, acts: NamedDependency[Acts], hold_id: FromPath[str]) -> Response[Any]:
    """The address in the answer to the form; a page of its own could be loaded again."""
    found = content_of(holds.disclose_address.fn(acts, hold_id))
    return _page(request, acts, hold_id, address=found["address"])


def _page(request: Page, acts: Acts, hold_id: str, **shown: Any) -> Response[str]:
    one = content_of(holds.read_hold.fn(acts, hold_id))
    return page(request, "address.html", one=one, verified=_verified(acts), **{"address": None, **shown})


def _verified(acts: Acts) -> bool:
    try:
        acts.run(totp.require_fresh)
    except NotAllowed:
        return False
    return True
