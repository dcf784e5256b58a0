"""Values that a browser keeps for the pages of its session, sealed in a cookie, in no address, log or table."""

from typing import Any

from api.http.connections import ActorRequest, AnyResponse
from api.http.cookies import kept_cookie, session_secret_of
from placement.crypto.browser_seal import seal, unseal

Page = ActorRequest

KEPT_NAMES = ("choices", "form", "lists", "places", "saved")
LONGEST = 3600
"""A number of characters of a sealed value: a browser takes 4096 with the name."""


def kept(request: Page, name: str) -> Any:
    """Returns the value under this name, if this session kept any."""
    sealed, secret = request.cookies.get(_cookie_name(request, name)), session_secret_of(request)
    return unseal(secret, name, sealed) if sealed and secret else None


def keep(request: Page, answer: AnyResponse, name: str, value: object, seconds: int | None = None) -> bool:
    """Keeps a JSON value in place of the earlier value.
    Removes it if the new value is empty or too long, and returns False. `seconds`: for how long, by default as long as
    the browser is open.
    """
    secret = session_secret_of(request)
    sealed = seal(secret, name, value) if secret and value else ""
    sealed = sealed if len(sealed) <= LONGEST else ""
    if sealed or _cookie_name(request, name) in request.cookies:
        made = kept_cookie(request.app.state.settings, name, sealed, seconds)
        answer.cookies = [*(one for one in answer.cookies if one.key != made.key), made]
    return bool(sealed)


def forget(request: Page, answer: AnyResponse) -> None:
    """Removes all values of this session, which nobody could read after it anyway."""
    for name in KEPT_NAMES:
        keep(request, answer, name, None)


def _cookie_name(request: Page, name: str) -> str:
    return kept_cookie(request.app.state.settings, name, "").key
