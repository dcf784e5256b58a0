"""A deadline for the whole communication with a server: DNS, connection, TLS, request and response. The timeout of a
socket starts again with every byte, so a slow server could delay without end. Here a timer shuts the connection down
from another thread.
"""

import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self


class Deadline:
    """A time limit in seconds that begins when the context is entered. When the time has passed, the connections of the
    context are closed and `passed` is true. Code that waits on such a connection gets an `OSError` or an early end of
    the data.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = 0.0
        self._timer = threading.Timer(seconds, self._cut)
        self._guard = threading.Lock()
        self._connections: list[socket.socket] = []
        self.passed = False

    def __enter__(self) -> Self:
        self._ends = time.monotonic() + self._seconds
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._timer.cancel()
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    def left(self) -> float:
        """Returns the remaining seconds. Raises `TimeoutError` if no time remains."""
        left = self._ends - time.monotonic()
        if self.passed or left <= 0:
            raise TimeoutError
        return left

    def addresses_of(self, host: str, port: int) -> list[str]:
        """Returns the addresses of a host name. The look-up runs in a thread, because a look-up cannot be interrupted.
        Raises the errors of `socket.getaddrinfo`, and `TimeoutError` if the deadline passes.
        """
        found: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()
        threading.Thread(target=_look_up, args=(host, port, found.put), daemon=True).start()
        try:
            answer = found.get(timeout=self.left())
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def connect(self, addresses: Sequence[str], port: int) -> socket.socket:
        """Returns a connection to the first address that answers. Each address gets an equal share of the time that
        remains. If no address answers, raises the `OSError` of the last address.
        """
        *others, last = addresses
        for number, address in enumerate(others):
            with suppress(OSError):
                return self._connection_to(address, port, self.left() / (len(addresses) - number))
        return self._connection_to(last, port, self.left())

    def _connection_to(self, address: str, port: int, seconds: float) -> socket.socket:
        made = socket.create_connection((address, port), seconds)
        with self._guard:
            if self.passed:
                made.close()
                raise TimeoutError
            self._connections.append(made.dup())  # TLS takes over the first socket; the connection is the same
        made.settimeout(self.left())
        return made

    def _cut(self) -> None:
        with self._guard:
            self.passed = True
            for connection in self._connections:
                with suppress(OSError):  # the other side has already closed the connection
                    connection.shutdown(socket.SHUT_RDWR)


def _look_up(host: str, port: int, answer: Callable[[list[str] | Exception], None]) -> None:
    try:
        answer([str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
    except UnicodeError:  # not a host name: a part of the text is empty, or too long
        answer(socket.gaierror(socket.EAI_NONAME, "no host name"))
    except Exception as error:  # noqa: BLE001  (raised again in the caller)
        answer(error)
