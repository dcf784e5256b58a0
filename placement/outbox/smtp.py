"""The SMTP client. It sends a mail to the server, and the answer determines whether to try again. Only the code of the
answer is stored, because the text of an answer can contain addresses.
"""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage

from placement.core.setting_parts import Smtp
from placement.outbox import tls
from placement.outbox.deadline import Deadline
from placement.outbox.outbox import DELIVERED, Result

SENDER_REFUSED = "sender_refused"
_REFUSES_FROM = 400
_FOR_GOOD = range(500, 600)
_GOES_AWAY = 421
"""The code with which a server that shuts down answers every command (RFC 5321)."""
_TROUBLES: tuple[tuple[type[OSError], str], ...] = (
    (smtplib.SMTPAuthenticationError, "smtp_sign_in_refused"),
    (smtplib.SMTPNotSupportedError, "tls_failed"),
    (TimeoutError, "no_answer_in_time"),
)


_NOT_TAKEN = Result("address_not_taken", for_good=True)


@dataclass(frozen=True, slots=True)
class Sent:
    result: Result
    server_fails: bool = False
    """True if the server is at fault, and not this mail. The next mail would then fail too."""

    refused: bool = False
    """True if the server refused this mail, but may accept other mails."""


def send(server: Smtp, email: EmailMessage, within_seconds: float) -> Sent:
    """Sends a mail. A permanent refusal of the address or the mail is final. After any other error the mail is tried
    again later. `within_seconds`: the limit for the whole communication, from the DNS look-up to the last answer of the
    server.
    """
    with Deadline(within_seconds) as deadline:
        try:
            connection = _connected(server, deadline)
            try:
                refused = _handed_over(connection, email)
                with suppress(OSError):  # the mail was accepted: an error at the end of the connection changes nothing
                    connection.quit()
            finally:
                connection.close()
        except OSError as error:
            return Sent(Result("no_answer_in_time" if deadline.passed else _trouble(error)), server_fails=True)
    return refused or Sent(DELIVERED)


def trouble_with(server: Smtp, within_seconds: float) -> str | None:
    """Tests the server without sending a mail: connects, signs in and sends the sender's address. Returns the code of
    the fault; `None` if the server would accept mail.
    """
    with Deadline(within_seconds) as deadline:
        try:
            connection = _connected(server, deadline)
            try:
                connection.ehlo_or_helo_if_needed()
                code, _ = connection.mail(server.sender)
                with suppress(OSError):
                    connection.quit()
            finally:
                connection.close()
        except OSError as error:
            return "no_answer_in_time" if deadline.passed else _trouble(error)
    return SENDER_REFUSED if code >= _REFUSES_FROM else None


def _handed_over(connection: smtplib.SMTP, email: EmailMessage) -> Sent | None:
    """Sends the mail over this connection. Returns the refusal of the server; `None` if the server accepted the mail.
    Raises other errors of the server.
    """
    try:
        connection.send_message(email)
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        return _refused(codes[0]) if codes else Sent(_NOT_TAKEN)
    except smtplib.SMTPDataError as refused:
        return _refused(refused.smtp_code)
    except smtplib.SMTPNotSupportedError:  # characters in the address that this server does not support
        return Sent(_NOT_TAKEN)
    except ValueError:  # an encoding error; it is no fault of the server
        return Sent(Result("cannot_be_written", for_good=True))
    return None


def _trouble(error: OSError) -> str:
    for found in (error, error.__context__):  # the library wraps the original error
        if isinstance(found, ssl.SSLError):
            return tls.trouble_of(found)
    for kind, code in _TROUBLES:
        if isinstance(error, kind) or isinstance(error.__context__, kind):
            return code
    return f"smtp_{error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else "no_connection"


class _Connection(smtplib.SMTP):
    """An SMTP connection. If it has a TLS context, it uses TLS from the first byte."""

    def __init__(self, server: Smtp, deadline: Deadline, trusted: ssl.SSLContext | None) -> None:
        self._deadline, self._trusted = deadline, trusted
        super().__init__(server.host, server.port)

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        made = self._deadline.connect(self._deadline.addresses_of(host, port), port)
        return made if self._trusted is None else self._trusted.wrap_socket(made, server_hostname=host)


def _connected(server: Smtp, deadline: Deadline) -> smtplib.SMTP:
    """Returns a signed-in connection to the server. Raises the errors of the server. A failure at this point is a fault
    of the server, not of the mail.
    """
    trusted = None if server.tls == "none" else ssl.create_default_context()
    made = _Connection(server, deadline, trusted if server.tls == "tls" else None)
    try:
        if server.tls == "starttls":
            made.starttls(context=trusted)
        if server.user:
            _sign_in(made, server)
    except BaseException:
        made.close()
        raise
    return made


def _sign_in(connection: smtplib.SMTP, server: Smtp) -> None:
    """Signs in. Raises `SMTPAuthenticationError` if the server refuses, or offers no known method of signing in. Also
    raises it if the password is not ASCII.
    """
    try:
        connection.login(server.user, server.password)
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        raise smtplib.SMTPAuthenticationError(502, "cannot sign in") from error


def _refused(code: int) -> Sent:
    result = Result(f"smtp_{code}", for_good=code in _FOR_GOOD)
    return Sent(result, server_fails=code == _GOES_AWAY, refused=code != _GOES_AWAY)
