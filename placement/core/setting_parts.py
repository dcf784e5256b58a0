"""Values that are composed of several settings."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from placement.core.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class SsoProvider:
    """A provider of single sign-on. `address`: this service's own address, to which the provider
    redirects the browser.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    address: str
    second_factor_acr: tuple[str, ...] = ()
    """The `acr` values by which the provider confirms that it required a second factor."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server for outgoing mail."""

    host: str
    port: int
    tls: str
    """`starttls`, `tls` (encrypted from the first byte), or `none` (only for a mail server on this machine)."""

    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """The operator's SMS gateway: one HTTP request. Its address and body contain placeholders, its header a secret."""

    url: str
    body: str = ""
    header: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The service in the terms of passkeys: its host name, and the only origin that may request passkeys."""

    id: str
    origin: str

    @classmethod
    def of(cls, address: str) -> Self:
        """Returns the relying party of the address. Raises `Misconfigured` if browsers allow no passkeys at this
        address.
        """
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
    """The operator's contact. It is public: the API description and the sign-in page show it."""

    name: str = ""
    email: str = ""
    url: str = ""


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
