"""Files of the watcher in the key store: each process has its own, and reads those of all.

A process takes the first file that no running process has. The lock ends with the process, so a file has at most one
writer, on one host or on several. A file is overwritten in place: after an interrupted write it does not open.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from weakref import finalize

_ENDING = ".watch"
_LENGTH_BYTES = 4


class WatchFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._own: _OpenFile | None = None

    def write(self, content: bytes, *, lasting: bool = False) -> None:
        """Replaces the content of the own file; `lasting`: it is on the disk before this returns. Raises `OSError`."""
        with self._guard:
            if self._own is None:
                self._own = self._free_file()
            os.pwrite(self._own.number, len(content).to_bytes(_LENGTH_BYTES) + content, 0)
            if lasting:
                os.fsync(self._own.number)

    def contents(self) -> list[bytes]:
        """Returns what the files of all processes contain, those of ended processes too. Raises `OSError`."""
        found = [file.read_bytes() for file in sorted(self._folder.glob(f"*{_ENDING}"))]
        return [one[_LENGTH_BYTES:][: int.from_bytes(one[:_LENGTH_BYTES])] for one in found if one]

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Yields whether no other process is inside. Raises `OSError`."""
        file = _OpenFile(self._folder / ".watching")
        try:
            yield file.is_locked()
        finally:
            file.close()

    def close(self) -> None:
        """Gives the own file to the next process."""
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
        raise AssertionError  # the numbers do not end


class _OpenFile:
    """An open file, closed with the object."""

    def __init__(self, path: Path) -> None:
        self.number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.close = finalize(self, os.close, self.number)

    def is_locked(self) -> bool:
        """Returns whether this process has the lock of the file, which it takes if no other has it."""
        try:
            fcntl.flock(self.number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
