"""Encrypted cookies with values for the pages of a session. These values are in no address, log or table."""

from typing import Any

from api.http.connections import ActorRequest, AnyResponse
from api.http.cookies import kept_cookie, session_secret_of
from placement.crypto.browser_seal import seal, unseal

Page = ActorRequest

KEPT_NAMES = ("choices", "enquiry", "form", "lists", "places", "saved")
LONGEST = 3600
"""The largest number of characters of an encrypted value. Browsers accept 4096 with the name."""


def kept(request: Page, name: str) -> Any:
    """Returns the value with this name, or `None`."""
    sealed, secret = request.cookies.get(_cookie_name(request, name)), session_secret_of(request)
    return unseal(secret, name, sealed) if sealed and secret else None


def keep(request: Page, answer: AnyResponse, name: str, value: object, seconds: int | None = None) -> bool:
    """Stores a JSON value. If it is empty or too long, deletes the cookie and returns false. `seconds`: how long the
    value is kept; by default until the browser is closed.
    """
    secret = session_secret_of(request)
    sealed = seal(secret, name, value) if secret and value else ""
    sealed = sealed if len(sealed) <= LONGEST else ""
    if sealed or _cookie_name(request, name) in request.cookies:
        made = kept_cookie(request.app.state.settings, name, sealed, seconds)
        answer.cookies = [*(one for one in answer.cookies if one.key != made.key), made]
    return bool(sealed)


def forget(request: Page, answer: AnyResponse) -> None:
    """Deletes all values of this session from the browser. Nobody could decrypt them after the session."""
    for name in KEPT_NAMES:
        keep(request, answer, name, None)


def _cookie_name(request: Page, name: str) -> str:
    return kept_cookie(request.app.state.settings, name, "").key
