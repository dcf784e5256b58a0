"""A syslog receiver on this machine, as RFC 5425 describes it: TLS, then messages with their length before them."""

import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from placement.core.syslog_settings import Syslog
from tests.support.mail_server import make_certificate
from tests.support.ports import free_port
from tests.support.programs import program

FORM = re.compile(
    r"<(?P<priority>\d+)>1 (?P<at>\S+) (?P<host>\S+) (?P<app>\S+) (?P<process>\S+) (?P<name>\S+) "
    r'\[(?P<structure>\S+)(?P<facts>( \w+="([^"\\\]]|\\["\\\]])*")*)\] (?P<text>.*)'
)
FACT = re.compile(r'(\w+)="((?:[^"\\\]]|\\["\\\]])*)"')


_RSYSLOG = """
global(workDirectory="{folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="{folder}/trusted.pem"
  defaultNetstreamDriverCertFile="{folder}/server.pem" defaultNetstreamDriverKeyFile="{folder}/server.pem")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" port="{port}" address="127.0.0.1")
template(name="raw" type="string" string="%rawmsg%\n")
action(type="omfile" file="{out}" template="raw")
"""


def read_frames(content: bytes) -> list[str]:
    """Returns the messages, by the length before each."""
    found = []
    while content:
        length, _, rest = content.partition(b" ")
        assert length.isdigit()
        assert len(rest) >= int(length)
        found.append(rest[: int(length)].decode())
        content = rest[int(length) :]
    return found


def facts_of(message: str) -> dict[str, str]:
    """Returns name and structured data of a message. Fails if it has not the form of RFC 5424."""
    form = FORM.fullmatch(message)
    assert form, message
    facts = {name: re.sub(r'\\(["\\\]])', r"\1", value) for name, value in FACT.findall(form["facts"])}
    return {"name": form["name"], "priority": form["priority"], **facts}


class Receiver:
    """A receiver with the messages that came. `ends`: false for a receiver that reads and then breaks off."""

    def __init__(self, folder) -> None:
        self.folder, self.port, self.ends = folder, free_port(), True
        self.came: list[str] = []
        self.clients = None

    @property
    def settings(self) -> Syslog:
        return Syslog("localhost", self.port, self.folder / "trusted.pem")

    def certify(self, **facts) -> None:
        make_certificate(self.folder, **facts)

    @property
    def facts(self) -> list[dict[str, str]]:
        return [facts_of(one) for one in self.came]

    @property
    def lines(self) -> list[int]:
        return [int(one["line"]) for one in self.facts]

    @contextmanager
    def there(self) -> Iterator[None]:
        """Runs the receiver at its port."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.folder / "server.pem")
        if self.clients is not None:
            context.load_verify_locations(self.clients)
            context.verify_mode = ssl.CERT_REQUIRED
        with socket.create_server(("127.0.0.1", self.port)) as server:
            thread = threading.Thread(target=self._serve, args=(server, context))
            thread.start()
            try:
                yield
            finally:
                server.shutdown(socket.SHUT_RDWR)
                thread.join()

    def _serve(self, server: socket.socket, context: ssl.SSLContext) -> None:
        while True:
            try:
                plain, _ = server.accept()
            except OSError:
                return
            with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                self._read(connection)

    def _read(self, connection: ssl.SSLSocket) -> None:
        content = b""
        while part := connection.recv(1 << 16):
            content += part
        self.came += read_frames(content)
        if self.ends:
            connection.unwrap()


@contextmanager
def rsyslog(receiver: Receiver, out) -> Iterator[None]:
    """Runs rsyslog at the port of the receiver. At its end it has written each message to a line of the file."""
    file = receiver.folder / "rsyslog.conf"
    file.write_text(_RSYSLOG.format(folder=receiver.folder, port=receiver.port, out=out))
    words = [program("rsyslogd"), "-n", "-f", str(file), "-i", str(receiver.folder / "rsyslog.pid")]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _wait_for(receiver.port)
            yield
        finally:
            running.terminate()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("rsyslog does not listen")
