"""What a browser keeps for the pages of its session, sealed in a cookie: in no address, no log and no table."""

from typing import Any

from litestar import Request, Response

from api.http.cookies import kept_cookie, session_secret_of
from placement.core.context import Actor
from placement.crypto.browser_seal import seal, unseal

Page = Request[Actor, Any, Any]

KEPT_NAMES = ("choices", "form", "lists", "places", "saved")
LONGEST = 3600
"""Characters of a sealed value: a browser takes 4096 with the name."""


def kept(request: Page, name: str) -> Any:
    """What was kept under this name, or None: nothing was, or by another session."""
    sealed, secret = request.cookies.get(_cookie_name(request, name)), session_secret_of(request)
    return unseal(secret, name, sealed) if sealed and secret else None


def keep(request: Page, answer: Response[Any], name: str, value: Any, seconds: int | None = None) -> bool:
    """Keeps a value of JSON in the place of the one before; an empty one, or one that is too long, ends it: false.

    `seconds`: for how long; None: as long as the browser is open.
    """
    secret = session_secret_of(request)
    sealed = seal(secret, name, value) if secret and value else ""
    sealed = sealed if len(sealed) <= LONGEST else ""
    if sealed or _cookie_name(request, name) in request.cookies:
        made = kept_cookie(request.app.state.settings, name, sealed, seconds)
        answer.cookies = [*(one for one in answer.cookies if one.key != made.key), made]
    return bool(sealed)


def forget(request: Page, answer: Response[Any]) -> None:
    """Ends all that is kept for the pages of this session, which nobody could read after it anyway."""
    for name in KEPT_NAMES:
        keep(request, answer, name, None)


def _cookie_name(request: Page, name: str) -> str:
    return kept_cookie(request.app.state.settings, name, "").key
