"""The syslog client: messages of RFC 5424, each with its length before it, over TLS (RFC 5425).

Syslog has no acknowledgement. So each batch has its own connection: the client ends TLS after the batch, and waits
until the receiver has ended TLS too (`close_notify`). The receiver does so only after it has read everything. There is
no mode without encryption, and certificate and name are always verified.
"""

import re
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from placement.core.syslog_settings import Syslog
from placement.outbox import tls
from placement.outbox.deadline import Deadline

WITHIN_SECONDS = 30.0
"""The time limit of a batch, from the look-up of the name to the end of the connection (assumed)."""
_FACILITY = 13
"""The facility *log audit* of RFC 5424."""
_VERSION = 1
_NOTHING = "-"
_LONGEST_NAME, _LONGEST_HOST = 32, 255
_STRUCTURE = "audit@32473"
"""The name of the structured data. Its number is reserved for examples (RFC 5612)."""
_LONGEST_PART = 1 << 16
_NO_RECEIVER = "the other side sent something or ended early, as no receiver of syslog does"
_SPECIAL = re.compile(r'(["\\\]])')
_NOT_PRINTABLE = re.compile(r"[^!-~]")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LogMessage:
    """A message. `name`: its kind; `facts`: its structured data."""

    at: datetime
    severity: int
    host: str
    name: str
    facts: Mapping[str, str]

    def text(self) -> str:
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        facts = "".join(f' {name}="{_escaped(value)}"' for name, value in self.facts.items())
        host, name = _word(self.host, _LONGEST_HOST), _word(self.name, _LONGEST_NAME)
        head = f"<{_FACILITY * 8 + self.severity}>{_VERSION} {at} {host} placement {_NOTHING} {name}"
        return f"{head} [{_STRUCTURE}{facts}] {self.name}"


class NotTaken(Exception):
    """Raised if the receiver did not accept a batch. `trouble`: the code of the reason, as in the list of messages."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def send(receiver: Syslog, messages: Iterable[LogMessage], within_seconds: float = WITHIN_SECONDS) -> None:
    """Sends a batch, and returns when the receiver has read it. Otherwise raises `NotTaken`; the receiver may have read
    a part.
    """
    frames = b"".join(_frame(one) for one in messages)
    with Deadline(within_seconds) as deadline:
        try:
            with closing(deadline.connect(deadline.addresses_of(receiver.host, receiver.port), receiver.port)) as plain:
                connection = _Connection(plain, receiver)
                connection.send(frames)
                connection.end()
        except (OSError, ValueError) as error:
            raise NotTaken("no_answer_in_time" if deadline.passed else _trouble(error)) from None
        if deadline.passed:
            raise NotTaken("no_answer_in_time")


def trouble_with(receiver: Syslog, within_seconds: float) -> str | None:
    """Tests the receiver without sending a message. Returns the code of the fault; `None` if messages are accepted."""
    try:
        send(receiver, (), within_seconds)
    except NotTaken as error:
        return error.trouble
    return None


class _Connection:
    """TLS over a plain connection. This class reads the connection itself, because `SSLSocket.unwrap` takes a refusal
    or a session ticket for the end of TLS by the receiver (OpenSSL, `SSL_shutdown`).
    """

    def __init__(self, plain: socket.socket, receiver: Syslog) -> None:
        trusted = ssl.create_default_context(cafile=str(receiver.ca_file))
        if receiver.client_file is not None:
            trusted.load_cert_chain(receiver.client_file)
        self._plain, self._in, self._out = plain, ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trusted.wrap_bio(self._in, self._out, server_hostname=receiver.host)
        self._wait_for(self._tls.do_handshake)

    def send(self, content: bytes) -> None:
        self._tls.write(content)
        self._plain.sendall(self._out.read())

    def end(self) -> None:
        """Ends TLS, and waits until the receiver did the same. Raises `OSError` if the receiver refuses or sends
        anything.
        """
        read = partial(self._tls.read, _LONGEST_PART)
        with suppress(ssl.SSLWantReadError):  # nothing is left to be read, so that `unwrap` can only send
            read()
            raise ssl.SSLError(_NO_RECEIVER)
        with suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        with suppress(ssl.SSLZeroReturnError):  # the receiver has ended TLS too
            self._wait_for(read)
            raise ssl.SSLError(_NO_RECEIVER)

    def _wait_for(self, step: Callable[[], T]) -> T:
        """Performs a step of TLS and returns its result. Reads from the connection as often as the step needs data."""
        while True:
            with suppress(ssl.SSLWantReadError):
                done = step()
                self._plain.sendall(self._out.read())
                return done
            self._plain.sendall(self._out.read())
            if part := self._plain.recv(_LONGEST_PART):
                self._in.write(part)
            else:
                self._in.write_eof()


def _frame(message: LogMessage) -> bytes:
    content = message.text().encode()
    return b"%d %b" % (len(content), content)


def _escaped(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", value)


def _word(value: str, longest: int) -> str:
    return _NOT_PRINTABLE.sub("", value)[:longest] or _NOTHING


def _trouble(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return tls.trouble_of(error)
    return "no_answer_in_time" if isinstance(error, TimeoutError) else "no_connection"
