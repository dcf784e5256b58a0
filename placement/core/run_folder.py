"""The run folder of a group of processes, with its lock and sockets. The main process of `placement serve` holds the
lock. When that process ends, the kernel releases the lock. A second group of processes on the same host has its own run
folder, but uses the same database and key store.
"""

import errno
import fcntl
import os
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from placement.core.errors import Misconfigured
from placement.core.setting_files import lock_file

_TRIES, _PAUSE_SECONDS = 50, 0.1  # assumed
_SHORT_NAME = "the service needs a PLACEMENT_RUN with a short name that can be written"


@contextmanager
def held(run: Path) -> Iterator[None]:
    """Holds the lock of the run folder. Raises `Misconfigured` if another `placement serve` holds it, or if the folder
    cannot be written.
    """
    try:
        run.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(lock_file(run), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Misconfigured(f"the run folder {run} cannot be written ({error.strerror}): see PLACEMENT_RUN") from error
    try:
        _lock(lock, run)
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def is_held(run: Path) -> bool:
    """Checks whether a `placement serve` is running with this folder. The check tries to take the lock."""
    try:
        lock = os.open(lock_file(run), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _lock(lock: int, run: Path) -> None:
    """Locks the file. If another process holds the lock, waits briefly: when a `placement serve` ends, its web
    processes hold the lock for a moment longer.
    """
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        holder = os.pread(lock, 20, 0).decode().strip()
        if holder and Path("/proc", holder).exists():
            break
        time.sleep(_PAUSE_SECONDS)
    raise Misconfigured(
        f"another `placement serve` (process {holder or 'unknown'}) runs with the folder {run}: stop it first, or"
        " give this one a folder of its own in PLACEMENT_RUN; both can use one database and one key store"
    )


class OwnSocket:
    """A Unix socket in the run folder that only this process uses."""

    def __init__(self, address: Path, kind: socket.SocketKind) -> None:
        """Makes the socket. Replaces a socket file that a killed process left behind. Raises `Misconfigured` if another
        process listens there, or if the socket cannot be made.
        """
        self._address = address
        self.socket = socket.socket(socket.AF_UNIX, kind)
        try:
            address.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _remove_abandoned(address, kind)
            os.fchmod(self.socket.fileno(), 0o600)  # on Linux the file that `bind` makes has these rights
            self.socket.bind(str(address))
            address.chmod(0o600)
            self._made = _identity(address)
        except (OSError, Misconfigured) as error:
            self.socket.close()
            if isinstance(error, Misconfigured):
                raise
            raise Misconfigured(f"no socket can be made at {address} ({error}): {_SHORT_NAME}") from error

    @property
    def is_in_place(self) -> bool:
        """True if the file at the address still belongs to this socket."""
        with suppress(OSError):
            return _identity(self._address) == self._made
        return False

    def close(self) -> None:
        self.socket.close()
        if self.is_in_place:
            self._address.unlink()


def _remove_abandoned(address: Path, kind: socket.SocketKind) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(address.stat().st_mode):
            return  # another process owns the file: `bind` reports the error
        with socket.socket(socket.AF_UNIX, kind) as asked:
            found = asked.connect_ex(str(address))
        if found != errno.ECONNREFUSED:
            raise Misconfigured(f"another process listens at {address}: see PLACEMENT_RUN")
        address.unlink()


def _identity(address: Path) -> tuple[int, int]:
    found = address.stat()
    return found.st_dev, found.st_ino
