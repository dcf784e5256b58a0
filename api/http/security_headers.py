"""Security headers, allowed hosts, and the client's address behind proxies. Only the request log is a layer outside.

The headers `X-Forwarded-For` and `X-Forwarded-Proto` are used only if they come from a proxy that the settings list.
Otherwise a client could forge an address, evade rate limits (`rate_limits.py`) and falsify audit events.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.http.api_version import DOCUMENTS, is_of_api, version_headers
from api.http.problems import problem
from placement.core.settings import Networks, Settings

HEADERS = {
    b"cache-control": b"no-store",
    b"x-content-type-options": b"nosniff",
    # With `no-referrer`, browsers send `Origin: null` with the service's own forms, which would then be refused.
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": (
        b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), "
        b"publickey-credentials-create=(self), publickey-credentials-get=(self), usb=()"
    ),
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"manifest-src 'self'; "
        b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}
_PORT = re.compile(r":\d*$", re.ASCII)
_WITH_PORT = re.compile(r"(?:\[(.+)\]|([^:]+)):\d+", re.ASCII)
ALWAYS_TLS = b"max-age=63072000; includeSubDomains"
"""HSTS (RFC 6797): browsers use only TLS for this host, for two years."""


def fronted(app: ASGIApp) -> ASGIApp:
    """Sets the client's address in the scope, also for outer middleware. Refuses unknown hosts, and adds headers."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        settings: Settings = scope["litestar_app"].state.settings
        proxied = _is_in(_peer(scope), settings.trusted_proxies)
        over_tls = not settings.plain_http
        if proxied:
            scope["client"] = (_asker(scope, settings.trusted_proxies), 0)
            over_tls = over_tls and _list(scope, b"x-forwarded-proto")[-1:] != ["http"]

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                headers = HEADERS | version_headers(scope)
                headers |= {b"strict-transport-security": ALWAYS_TLS} if over_tls else {}
                added = [(name, value) for name, value in headers.items() if name not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        if not _is_for_us(scope, settings.hosts):
            await _refuse(scope, receive, send_on, 421, "host_unknown")
        elif "\0" in scope["path"] or _is_closed(scope["path"], settings):  # no path contains NUL
            await _refuse(scope, receive, send_on, 404, "not_found")
        else:
            await app(scope, receive, send_on)

    return answer


def _is_closed(path: str, settings: Settings) -> bool:
    """Checks whether the path must be answered with 404: a path of the API with a slash at its end, or the API
    description if the operator has not published it.
    """
    if is_of_api(path) and path.endswith("/"):
        return True
    return (path in DOCUMENTS or path.startswith("/schema")) and not settings.open_schema


def _peer(scope: Scope) -> str:
    """Returns the address of the connection's other end, or an empty text."""
    client = scope.get("client")
    return client[0] if client else ""


def _asker(scope: Scope, trusted: Networks) -> str:
    """Returns the last address in `X-Forwarded-For` that is not a trusted proxy. Earlier addresses could be forged."""
    found = _peer(scope)
    for hop in reversed(_list(scope, b"x-forwarded-for")):
        address = _address(hop)
        if address is None:
            return found
        found = str(address)
        if not _is_in(found, trusted):
            return found
    return found


def _is_in(host: str, networks: Networks) -> bool:
    address = _address(host)
    return address is not None and any(address in network for network in networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    with_port = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address(with_port[1] or with_port[2] if with_port else text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _list(scope: Scope, name: bytes) -> list[str]:
    """Returns the elements of a header with a list, over all its occurrences."""
    values = [text.decode("latin-1") for found, text in scope["headers"] if found.lower() == name]
    return [part.strip() for value in values for part in value.split(",")]


def _is_for_us(scope: Scope, hosts: frozenset[str]) -> bool:
    """Checks whether the header `Host`, without port, is an allowed name. If the settings have no names, all are
    allowed.
    """
    named = _list(scope, b"host")
    return not hosts or (len(named) == 1 and _PORT.sub("", named[0].lower()) in hosts)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, code: str) -> None:
    refused = problem(Request(scope), status, code).to_asgi_response(None, Request(scope))
    await refused(scope, receive, send)
