"""The client of webhooks and push services: posts a body to an address that a user chose. An event of a webhook is
signed according to the Standard Webhooks specification.

Such an address could be inside the network of the service. So the host name is looked up for each call, and every
address must be public. The connection uses these checked addresses, so a name whose address changes has no effect.
Redirects and proxies are not used. Only the code of the answer is stored.
"""

import http.client
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from standardwebhooks import Webhook as Signer

from placement.outbox import tls
from placement.outbox.deadline import Deadline
from placement.outbox.outbox import DELIVERED, Result

GONE = "http_410"
_WRITTEN = re.compile("[!-~]+")
_GOOD = range(200, 300)
_ON_ITS_WAY = range(102, 200)
_OF_IPV4 = tuple(ip_network(one) for one in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96"))
"""Networks of IPv6 addresses that represent IPv4 addresses, or that a gateway translates to IPv4 (RFC 6052, 2765)."""


class Forbidden(Exception):
    """Raised if a webhook may not use an address."""


@dataclass(frozen=True, slots=True)
class Call:
    """The data of a call. It is read from the database before sending begins."""

    id: str
    url: str
    body: str
    secrets: Sequence[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class HttpCall:
    """An HTTP request. `trusted`: the operator chose its address, which may be in a private network."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    trusted: bool = False


def send(call: Call, *, local: bool, within_seconds: float) -> Result:
    """Sends an event. Parameters and result are those of `answer_to`."""
    posted = HttpCall(call.url, call.body.encode(), _headers(call))
    return answer_to(posted, local=local, within_seconds=within_seconds)


def answer_to(call: HttpCall, *, local: bool, within_seconds: float) -> Result:
    """Makes a call. `within_seconds`: the limit for everything, from the DNS look-up to the last header of the answer.
    `local`: true in a trial installation; it also allows plain HTTP and this machine, but no private network.
    """
    began = False
    with Deadline(within_seconds) as deadline:
        try:
            connection = _connection(call, deadline, local=local)
            try:
                connection.connect()
                began = True
                connection.request(call.method, _target(call.url), body=call.body or None, headers=dict(call.headers))
                code = connection.getresponse().status
                deadline.left()  # raises if the deadline has passed: truncated headers would look complete
            finally:
                connection.close()
        except Forbidden:
            return Result("address_forbidden")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Result("no_answer_in_time" if deadline.passed else _trouble(error), unclear=began)
    return DELIVERED if code in _GOOD else Result(f"http_{code}")


def fault_of(url: str, *, local: bool) -> str | None:
    """Returns the code of the fault of an address that a user chose; `None` if it may be looked up in DNS."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in _schemes(local) and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username or parts.password or parts.fragment or not _WRITTEN.fullmatch(url):
        return "not_an_https_address"
    return None if may_be_open(parts.hostname or "", local=local) else "address_not_open"


def _schemes(local: bool) -> frozenset[str]:
    return frozenset({"https", "http"} if local else {"https"})


def _trouble(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return tls.trouble_of(error)
    return "no_answer_in_time" if isinstance(error, TimeoutError) else "no_connection"


def require_open(address: str) -> None:
    """Raises `Forbidden` if the address is not public. This machine and private networks are not public, even if their
    address is written as an IPv6 address.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if any(found in network for network in _OF_IPV4):
            raise Forbidden
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        found = inner or found
    if not found.is_global or found.is_multicast:
        raise Forbidden


def may_be_open(host: str, *, local: bool) -> bool:
    """Checks whether a webhook may have this host. A name is always allowed, because its addresses are checked at each
    call.
    """
    try:
        _require_allowed(host, local=local)
    except ValueError:  # not a numeric address
        return True
    except Forbidden:
        return False
    return True


def _require_allowed(address: str, *, local: bool) -> None:
    if not (local and ip_address(address.partition("%")[0]).is_loopback):
        require_open(address)


class _Final(http.client.HTTPResponse):
    """The final answer of a server. It skips the interim answers 102 and 103; the library itself skips only 100."""

    def begin(self) -> None:
        super().begin()
        while self.status in _ON_ITS_WAY:
            self.headers = self.msg = None  # type: ignore[assignment]  # the library requires it before it reads headers
            super().begin()


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were checked before. `host` is used only for the `Host` header and for the name in
    TLS. `trusted`: the settings of TLS; `None` for a connection without TLS.
    """

    response_class = _Final

    def __init__(
        self, host: str, addresses: Sequence[str], port: int, deadline: Deadline, trusted: ssl.SSLContext | None
    ) -> None:
        self.default_port = http.client.HTTP_PORT if trusted is None else http.client.HTTPS_PORT
        super().__init__(host, port)
        self._addresses, self._deadline, self._trusted = addresses, deadline, trusted

    def connect(self) -> None:
        self.sock = self._deadline.connect(self._addresses, self.port)
        if self._trusted is not None:
            self.sock = self._trusted.wrap_socket(self.sock, server_hostname=self.host)


def _connection(call: HttpCall, deadline: Deadline, *, local: bool) -> _Pinned:
    parts = urlsplit(call.url)
    if parts.scheme not in _schemes(local or call.trusted) or not parts.hostname:
        raise Forbidden
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    addresses = deadline.addresses_of(parts.hostname, port)
    for address in () if call.trusted else addresses:
        _require_allowed(address, local=local)
    return _Pinned(parts.hostname, addresses, port, deadline, ssl.create_default_context() if secure else None)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _headers(call: Call) -> dict[str, str]:
    signatures = [Signer(secret).sign(call.id, call.at, call.body) for secret in call.secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "placement-webhooks",
        "webhook-id": call.id,
        "webhook-timestamp": str(int(call.at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
