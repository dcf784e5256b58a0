"""A network of namespaces on this machine: hosts, servers, and a switch that can lose them. Root is needed.

Each namespace has the interface `net0` with an address of its own. The switch is a bridge in a further namespace, which
this machine reaches too. The ends of the cables are named after this process, and leave with the namespaces.
"""

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.programs import program

_OWN, _FAR = "net0", "02:00:00:00:ff:ff"
"""The interface of a namespace; the address of a machine that does not exist."""
_NEW_NETWORK = 0x40000000
_NAMESPACES = Path("/run/netns")
_HERE = 254
_CHUNK, _CONNECTIONS = 1 << 16, 64


def _ip(*words: str) -> None:
    subprocess.run([program("ip"), *words], check=True, capture_output=True, text=True)


class Network:
    """Namespaces by name, in the order in which they joined."""

    def __init__(self) -> None:
        self._mark = f"pl{os.getpid()}"
        self._block = f"198.18.{os.getpid() % 256}"
        self._numbers: dict[str, int] = {}

    def address(self, name: str) -> str:
        return f"{self._block}.{self._numbers[name]}"

    @property
    def own_address(self) -> str:
        """Returns the address of this machine in the network."""
        return f"{self._block}.{_HERE}"

    @property
    def block(self) -> str:
        return f"{self._block}.0/24"

    def begin(self) -> None:
        _ip("netns", "add", self.namespace("switch"))
        self._in("switch", "link", "add", "bridge", "type", "bridge")
        self._in("switch", "link", "set", "bridge", "up")
        _ip(
            "link",
            "add",
            self._cable("here"),
            "type",
            "veth",
            "peer",
            "name",
            "here",
            "netns",
            self.namespace("switch"),
        )
        _ip("address", "add", f"{self.own_address}/24", "dev", self._cable("here"))
        _ip("link", "set", self._cable("here"), "up")
        self.plug_in("here")

    def join(self, name: str) -> None:
        """Makes a namespace with an address, and connects it."""
        self._numbers[name] = len(self._numbers) + 1
        _ip("netns", "add", self.namespace(name))
        self._in(name, "link", "set", "lo", "up")
        self._in(name, "link", "add", _OWN, "type", "veth", "peer", "name", name, "netns", self.namespace("switch"))
        self._in(name, "address", "add", f"{self.address(name)}/24", "dev", _OWN)
        self._in(name, "link", "set", _OWN, "up")
        self.plug_in(name)

    def publish(self, name: str, address: str, to: Iterable[str]) -> None:
        """Gives a namespace a further address, which only these other namespaces reach."""
        self._in(name, "address", "add", f"{address}/32", "dev", _OWN)
        for other in to:
            self._in(other, "route", "add", f"{address}/32", "dev", _OWN)

    def plug_in(self, name: str) -> None:
        self._in("switch", "link", "set", "dev", name, "master", "bridge")
        self._in("switch", "link", "set", "dev", name, "up")

    def cut(self, name: str) -> None:
        """Takes the cable away: the namespace has no carrier."""
        self._in("switch", "link", "set", "dev", name, "down")

    def lose(self, name: str) -> None:
        """Drops every packet from and to a namespace, which notices nothing of it."""
        self._in("switch", "link", "set", "dev", name, "nomaster")

    def part(self, one: str, other: str) -> None:
        """Drops every packet between two namespaces; both reach everybody else."""
        for here, there in ((one, other), (other, one)):
            self._in(here, "neigh", "replace", self.address(there), "lladdr", _FAR, "dev", _OWN, "nud", "permanent")

    def join_again(self, one: str, other: str) -> None:
        for here, there in ((one, other), (other, one)):
            self._in(here, "neigh", "del", self.address(there), "dev", _OWN)

    def command(self, name: str, *words: str) -> list[str]:
        """Returns the command that runs these words in a namespace."""
        return [program("ip"), "netns", "exec", self.namespace(name), *words]

    def end(self) -> None:
        """Removes the namespaces, and with them every cable."""
        for name in ("switch", *self._numbers):
            if (_NAMESPACES / self.namespace(name)).exists():
                _ip("netns", "delete", self.namespace(name))
        if Path("/sys/class/net", self._cable("here")).exists():  # its namespace ends a moment later
            with suppress(subprocess.CalledProcessError):
                _ip("link", "delete", self._cable("here"))

    def namespace(self, name: str) -> str:
        return f"{self._mark}-{name}"

    def _cable(self, name: str) -> str:
        return f"{self._mark}-{name}"

    def _in(self, name: str, *words: str) -> None:
        _ip("-netns", self.namespace(name), *words)

    def listener(self, name: str, address: str = "127.0.0.1", port: int = 0) -> socket.socket:
        """Returns a socket of this process that listens at an address of a namespace."""
        made: list[socket.socket] = []

        def listen() -> None:
            with (_NAMESPACES / self.namespace(name)).open() as there:
                if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), _NEW_NETWORK):
                    raise OSError(ctypes.get_errno(), "setns")
            made.append(socket.create_server((address, port)))

        thread = threading.Thread(target=listen)  # only this thread enters the namespace, and ends
        thread.start()
        thread.join()
        return made[0]


@contextmanager
def network() -> Iterator[Network]:
    if os.geteuid() != 0:
        pytest.fail("network namespaces need root")
    made = Network()
    try:
        made.begin()
        yield made
    finally:
        made.end()


@contextmanager
def inlet(net: Network, name: str, port: int) -> Iterator[int]:
    """Yields a port at the loopback address of a namespace. Its connections reach this port of this machine."""
    with net.listener(name) as listening, ThreadPoolExecutor(_CONNECTIONS) as threads:
        threads.submit(_accept, listening, port, threads)
        try:
            yield int(listening.getsockname()[1])
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, port: int, threads: ThreadPoolExecutor) -> None:
    with suppress(OSError):  # of the listener, when it is closed
        while True:
            inner, _ = listening.accept()
            threads.submit(_connect, inner, port)


def _connect(inner: socket.socket, port: int) -> None:
    with inner, socket.create_connection(("127.0.0.1", port)) as outer:
        back = threading.Thread(target=_carry, args=[outer, inner])
        back.start()
        _carry(inner, outer)
        back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while sent := source.recv(_CHUNK):
            target.sendall(sent)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
