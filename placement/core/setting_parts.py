"""Values that several settings make together."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from placement.core.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class SsoProvider:
    """A provider of single sign-on, and the service's own address, to which the provider sends the browser back."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    address: str
    second_factor_acr: tuple[str, ...] = ()
    """Values of `acr` by which the provider states that it required a second factor."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server for outgoing mail."""

    host: str
    port: int
    tls: str
    """`starttls`, `tls` (from the first byte), or `none`, on this machine alone."""

    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The service as a passkey knows it: its host name, and the single origin that may request the passkey."""

    id: str
    origin: str

    @classmethod
    def of(cls, address: str) -> Self:
        """Returns the relying party. Raises `Misconfigured` for an address without a host that browsers allow."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        if not host or _is_ip(host):
            raise Misconfigured(
                "passkeys need PLACEMENT_ADDRESS with a host name, such as https://placement.example or "
                "http://localhost:8000; PLACEMENT_WEBAUTHN=off does without them"
            )
        usual = {"https": 443, "http": 80}[parts.scheme]
        port = "" if parts.port in {None, usual} else f":{parts.port}"
        return cls(host, f"{parts.scheme}://{host}{port}")


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact of the operator: public, in the description of the API and on the page for signing in."""

    name: str = ""
    email: str = ""
    url: str = ""


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
