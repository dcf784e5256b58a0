"""A proxy before PostgreSQL that cuts a connection once at a chosen point, each time a test asks for it."""

import contextlib
import socket
import threading
from enum import StrEnum

_CHUNK = 1 << 16
PATIENCE = 60.0


class Point(StrEnum):
    BEFORE_BEGIN = "the transaction does not begin"
    BEFORE_STATEMENT = "a statement does not arrive"
    AFTER_STATEMENT = "a statement is carried out, its answer does not come"
    HALF_ANSWER = "of an answer one half comes"
    BEFORE_COMMIT = "the commit does not arrive"
    AFTER_COMMIT = "it is committed, and the answer does not come"


_BEFORE = {Point.BEFORE_BEGIN: "begin", Point.BEFORE_STATEMENT: "statement", Point.BEFORE_COMMIT: "commit"}
_AFTER = {Point.AFTER_STATEMENT: "statement", Point.HALF_ANSWER: "statement", Point.AFTER_COMMIT: "commit"}


class CuttingProxy:
    """Listens at a port of this machine; `server`: the socket of PostgreSQL as a file."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._point: Point | None = None
        self._guard, self._happened = threading.Lock(), threading.Event()
        threading.Thread(target=self._accepts, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def cut(self, point: Point) -> None:
        """Cuts the next connection that comes to this point; returns when that has happened."""
        self._happened.clear()
        with self._guard:
            self._point = point
        assert self._happened.wait(PATIENCE), f"no connection came to this point: {point}"

    def taken(self, doing: str, points: dict[Point, str]) -> Point | None:
        """Returns the point at which a connection that does this now must be cut. It returns each point only once."""
        with self._guard:
            point = self._point
            if point is None or points.get(point) != doing:
                return None
            self._point = None
        return point

    def told(self) -> None:
        self._happened.set()

    def _accepts(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._server)
            except OSError:  # it is away: so are we
                client.close()
                continue
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Connection(self, client, server)


class _Connection:
    """One connection, with a thread for each direction."""

    def __init__(self, proxy: CuttingProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._is_in_transaction = False
        self._cut: Point | None = None
        for direction in (self._to_server, self._to_client):
            threading.Thread(target=direction, daemon=True).start()

    def _to_server(self) -> None:
        while sent := _received(self._client):
            doing = self._doing(sent)
            if self._proxy.taken(doing, _BEFORE) is not None:
                self._end()
                self._proxy.told()
                return
            self._cut = self._cut or self._proxy.taken(doing, _AFTER)
            if not _sent(self._server, sent):
                break
        self._end()

    def _doing(self, sent: bytes) -> str:
        """Classifies a message of the client. A transaction begins and ends with a message of its own."""
        if sent.startswith(b"Q") and b"BEGIN" in sent:
            self._is_in_transaction = True
            return "begin"
        if sent.startswith(b"Q") and (b"COMMIT" in sent or b"ROLLBACK" in sent):
            self._is_in_transaction = False
            return "commit" if b"COMMIT" in sent else "rollback"
        return "statement" if self._is_in_transaction else "other"

    def _to_client(self) -> None:
        while answered := _received(self._server):
            if self._cut is not None:
                if self._cut is Point.HALF_ANSWER:
                    _sent(self._client, answered[: len(answered) // 2])
                self._end()
                self._proxy.told()
                return
            if not _sent(self._client, answered):
                break
        self._end()
        if self._cut is not None:
            self._proxy.told()

    def _end(self) -> None:
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(_CHUNK)
    except OSError:
        return b""


def _sent(end: socket.socket, data: bytes) -> bool:
    try:
        end.sendall(data)
    except OSError:
        return False
    return True
