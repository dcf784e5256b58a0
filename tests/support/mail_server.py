"""A real mail server for tests, with TLS or without, and a certificate that the tests trust."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from placement.core.setting_parts import Smtp
from tests.support.ports import free_port

SENDER = "dienst@placement.example"


class Mailbox:
    """Mails that arrived, in order, and refusals for some addresses or for every mail."""

    def __init__(self) -> None:
        self.arrived: list[EmailMessage] = []
        self.as_sent: list[bytes] = []
        self.refused: dict[str, str] = {}
        self.refused_senders: dict[str, str] = {}
        self.instead_of_taking: str | None = None
        self.seen = 0

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        _ = server, session
        if address in self.refused_senders:
            return self.refused_senders[address]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  (the server calls it so)
        _ = server, session, options
        self.seen += 1
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        _ = server, session
        if self.instead_of_taking:
            return self.instead_of_taking
        self.as_sent.append(envelope.content)
        self.arrived.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.arrived]


@contextmanager
def mail_server(box: Mailbox, tls: str = "none", folder=None, port: int = 0, **asks) -> Iterator[Smtp]:
    """`tls`: as in the settings; with it the certificate lies in the folder. `asks`: for a user and a password."""
    trusted = None
    if tls != "none":
        trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trusted.load_cert_chain(folder / "server.pem")
    secure = {"ssl_context": trusted} if tls == "tls" else {"tls_context": trusted, "require_starttls": bool(trusted)}
    controller = Controller(box, hostname="127.0.0.1", port=port or free_port(), **secure, **asks)
    controller.start()
    try:
        yield Smtp("localhost" if trusted else "127.0.0.1", controller.port, tls, SENDER)
    finally:
        controller.stop()


def signing_in(user: str, password: str) -> dict[str, object]:
    """Returns options of a server that takes mail only from clients who have signed in over TLS."""

    def known(server, session, envelope, mechanism, given):
        _ = server, session, envelope, mechanism
        return AuthResult(success=(given.login, given.password) == (user.encode(), password.encode()), handled=False)

    return {"authenticator": known, "auth_required": True, "auth_require_tls": True}


@contextmanager
def silent_server() -> Iterator[int]:
    """Accepts connections and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one.getsockname()[1]


def make_certificate(folder, *, host: str = "localhost", address: str = "127.0.0.1", days: int = 2000) -> None:
    """Makes a self-signed certificate for this machine: `server.pem` for the server, `trusted.pem` for its clients.
    `address`: it is valid for this address too, unless `host` is another machine. `days`: until it ends.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    names = [x509.DNSName(host), *([x509.IPAddress(ip_address(address))] if host == "localhost" else [])]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + pem)
    (folder / "trusted.pem").write_bytes(pem)
