"""Values that a browser keeps for a session's pages, sealed in a cookie; they are in no address, log or table."""

from typing import Any

from api.http.connections import ActorRequest, AnyResponse
from api.http.cookies import kept_cookie, session_secret_of
from placement.crypto.browser_seal import seal, unseal

Page = ActorRequest

KEPT_NAMES = ("choices", "enquiry", "form", "lists", "places", "saved")
LONGEST = 3600
"""The largest number of characters of a sealed value: browsers accept 4096 with the name."""


def kept(request: Page, name: str) -> Any:
    """Returns the value under this name; `None` if the session has no such value."""
    sealed, secret = request.cookies.get(_cookie_name(request, name)), session_secret_of(request)
    return unseal(secret, name, sealed) if sealed and secret else None


def keep(request: Page, answer: AnyResponse, name: str, value: object, seconds: int | None = None) -> bool:
    """Stores a JSON value, replacing the earlier value. If it is empty or too long, removes it and returns False.
    `seconds`: how long, by default while the browser is open.
    """
    secret = session_secret_of(request)
    sealed = seal(secret, name, value) if secret and value else ""
    sealed = sealed if len(sealed) <= LONGEST else ""
    if sealed or _cookie_name(request, name) in request.cookies:
        made = kept_cookie(request.app.state.settings, name, sealed, seconds)
        answer.cookies = [*(one for one in answer.cookies if one.key != made.key), made]
    return bool(sealed)


def forget(request: Page, answer: AnyResponse) -> None:
    """Removes all values of this session from the browser. After the session, they could not be read any more."""
    for name in KEPT_NAMES:
        keep(request, answer, name, None)


def _cookie_name(request: Page, name: str) -> str:
    return kept_cookie(request.app.state.settings, name, "").key
