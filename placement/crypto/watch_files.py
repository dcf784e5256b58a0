"""The files of the watcher in the key store. Each process writes its own file, and reads the files of all processes.

A process takes the first file that no other process has locked. The lock ends with the process, so a file has at most
one writer, also on several hosts. Files are overwritten in place; after an interrupted write a file is unreadable.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import count
from pathlib import Path
from weakref import finalize

from placement.crypto.key_files import write_whole

_ENDING = ".watch"
_SHARED = ".rows"
_LENGTH_BYTES = 4


class Work(StrEnum):
    """Work that only one process does at a time. The value is the name of the lock file."""

    CHECK = ".watching"
    SHIPPING = ".shipping"


class WatchFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._own: _OpenFile | None = None

    def write(self, content: bytes, *, lasting: bool = False) -> None:
        """Replaces the content of this process's file. `lasting`: true waits until it is on disk. Raises `OSError`."""
        with self._guard:
            if self._own is None:
                self._own = self._free_file()
            os.pwrite(self._own.number, len(content).to_bytes(_LENGTH_BYTES) + content, 0)
            if lasting:
                os.fsync(self._own.number)

    def contents(self) -> list[bytes]:
        """Returns the content of the file of each process, also if the process has ended. Raises `OSError`."""
        found = [file.read_bytes() for file in sorted(self._folder.glob(f"*{_ENDING}"))]
        return [one[_LENGTH_BYTES:][: int.from_bytes(one[:_LENGTH_BYTES])] for one in found if one]

    def keep(self, content: bytes) -> None:
        """Replaces the content of the shared file. Raises `OSError`."""
        write_whole(self._folder / _SHARED, content)

    def kept(self) -> bytes:
        """Returns the content of the shared file; empty if there is no file. Raises `OSError`."""
        file = self._folder / _SHARED
        return file.read_bytes() if file.exists() else b""

    @contextmanager
    def alone(self, work: Work) -> Iterator[bool]:
        """Tries to lock this work for this process. Yields false if another process has the lock. Raises `OSError`."""
        file = _OpenFile(self._folder / work)
        try:
            yield file.is_locked()
        finally:
            file.close()

    def close(self) -> None:
        """Releases this process's file, so that another process can use it."""
        with self._guard:
            if self._own is not None:
                self._own.close()
                self._own = None

    def _free_file(self) -> "_OpenFile":
        for number in count():
            file = _OpenFile(self._folder / f"{number}{_ENDING}")
            if file.is_locked():
                return file
            file.close()
        raise AssertionError  # `count()` never ends


class _OpenFile:
    """An open file. It is closed when the object is deleted."""

    def __init__(self, path: Path) -> None:
        self.number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.close = finalize(self, os.close, self.number)

    def is_locked(self) -> bool:
        """Tries to lock the file. Returns true if this process now has the lock."""
        try:
            fcntl.flock(self.number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
