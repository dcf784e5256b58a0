"""Cookies, and the browser and network of a request."""

from datetime import datetime
from ipaddress import ip_address, ip_network

from litestar.datastructures import Cookie

from api.http.connections import AnyConnection
from api.http.origin import origin_of
from placement.accounts.login import DEVICE_KNOWN_FOR, Begun, Caller
from placement.accounts.sso import LIFETIME
from placement.core import clock
from placement.core.codes import Protocol
from placement.core.settings import Settings
from placement.storage.database import Database

CSRF_HEADER = "X-CSRF-Token"
_LONGEST = 200
_ROOM, _ROOM_FOR = "room", 30 * 24 * 3600
_KINDS = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
"""Names of operating systems in the user agent. Android comes before Linux, because Android's user agent names both."""


def session_cookie(settings: Settings) -> str:
    """Returns the name of the session cookie. A practice room has its own name, because it may run on the same host."""
    name = "placement-practice" if settings.practice else "placement"
    return name if settings.plain_http else f"__Host-{name}"


def device_cookie(settings: Settings) -> str:
    return f"{session_cookie(settings)}-device"


def cookies_of(settings: Settings, begun: Begun) -> list[Cookie]:
    """Returns the cookie of the session, and the cookie that recognises the browser for 90 days."""
    known = int(DEVICE_KNOWN_FOR.total_seconds())
    return [
        _cookie(settings, session_cookie(settings), begun.session),
        _cookie(settings, device_cookie(settings), begun.device, known),
    ]


def no_session_cookie(settings: Settings) -> Cookie:
    return _cookie(settings, session_cookie(settings), "", 0)


def session_secret_of(connection: AnyConnection) -> str | None:
    """Returns the secret of the session, or `None` if the request uses an API key."""
    signed_in = connection.auth is Protocol.SESSION
    return connection.cookies.get(session_cookie(connection.app.state.settings)) if signed_in else None


def state_cookie(settings: Settings, state: str) -> Cookie:
    """Returns the cookie of a single sign-on. It proves that the browser that returns is the browser that left."""
    return _cookie(settings, _state_name(settings), state, int(LIFETIME.total_seconds()))


def no_state_cookie(settings: Settings) -> Cookie:
    return _cookie(settings, _state_name(settings), "", 0)


def kept_state(connection: AnyConnection) -> str | None:
    return connection.cookies.get(_state_name(connection.app.state.settings))


def kept_cookie(settings: Settings, name: str, sealed: str, seconds: int | None = None) -> Cookie:
    """Returns a cookie for pages of this session, kept for `seconds` or until the browser is closed. An empty `sealed`
    deletes the cookie.
    """
    return _cookie(settings, f"{session_cookie(settings)}-{name}", sealed, seconds if sealed else 0)


def room_cookie(settings: Settings, secret: str) -> Cookie:
    """Returns the cookie of a browser that opened the link of a practice room."""
    return kept_cookie(settings, _ROOM, secret, _ROOM_FOR)


def room_secret_of(connection: AnyConnection) -> str:
    return connection.cookies.get(f"{session_cookie(connection.app.state.settings)}-{_ROOM}", "")


def caller_of(connection: AnyConnection) -> Caller:
    settings: Settings = connection.app.state.settings
    device = connection.cookies.get(device_cookie(settings))
    agent = connection.headers.get("user-agent", "")
    return Caller(network_of(connection), _client(agent), device[:_LONGEST] if device else None, origin_of(connection))


def sign_in_of(connection: AnyConnection) -> tuple[Database, Settings, datetime, Caller]:
    """Returns the common arguments of sign-in functions: database, settings, time, and the source of the request."""
    state = connection.app.state
    return state.database, state.settings, clock.now(), caller_of(connection)


def _state_name(settings: Settings) -> str:
    return f"{session_cookie(settings)}-sso"


def _cookie(settings: Settings, name: str, value: str, seconds: int | None = None) -> Cookie:
    secure = not settings.plain_http
    return Cookie(key=name, value=value, httponly=True, samesite="strict", secure=secure, max_age=seconds)


def network_of(connection: AnyConnection) -> str:
    """Returns an IPv4 address, or the first 64 bits of an IPv6 address, which a household or office shares."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else host  # noqa: PLR2004


def _client(agent: str) -> str:
    kind = next((name for sign, name in _KINDS.items() if sign in agent), "?")
    system = next((name for sign, name in _SYSTEMS.items() if sign in agent), "?")
    return f"{kind}, {system}"
