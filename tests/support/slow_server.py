"""A real server that takes a connection and keeps it as long as the client holds on. It sends one byte now and then, or
as much as it can, or nothing.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HTTP = b"HTTP/1.1 200 OK\r\nX-Drip: "
SMTP = b"220-"
NOTHING = b""
TLS = b"\x16\x03\x03\x40\x00"  # the head of a handshake of 16,384 bytes
_PAUSE_SECONDS = 0.02


class Dripper:
    """`holds`: a client is connected and gets bytes. `cut`: a connection was ended from the other side."""

    def __init__(self, begin: bytes, then: bytes) -> None:
        self.begin, self.then, self.port, self.connections = begin, then, 0, 0
        self.holds, self.cut, self.stop = threading.Event(), threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    def drip(self, line: socket.socket) -> None:
        said = self.begin
        with line:
            try:
                while not self.stop.wait(0.0 if len(self.then) > 1 else _PAUSE_SECONDS):
                    if part := said or self.then:
                        line.sendall(part)
                    said = b""
                    self.holds.set()
            except OSError:
                self.cut.set()


@contextmanager
def dripping(begin: bytes, then: bytes = b"x") -> Iterator[Dripper]:
    """`begin`, and then this again and again."""
    dripper, threads = Dripper(begin, then), []

    def accept() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            dripper.connections += 1
            threads.append(threading.Thread(target=dripper.drip, args=(line,)))
            threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripper.port = server.getsockname()[1]
        threads.append(threading.Thread(target=accept))
        threads[0].start()
        try:
            yield dripper
        finally:
            dripper.stop.set()
            server.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
