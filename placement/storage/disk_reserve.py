"""A disk reserve: a file beside the SQLite file, deleted if the disk is almost full.

A read also needs disk space, for its audit event (`docs/decisions/0012`). Without the reserve a full disk would stop
all reads. After the file is deleted, audit events, sessions and periodic jobs use its space. Writes of users are
rejected until there is enough space again.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy.engine import make_url

from placement.core.errors import DiskFull
from placement.core.settings import Settings

_LOG = structlog.get_logger()
_LEAST_FREE_BYTES = 4 << 20
"""The free space below which users may not write (assumed: several times a transaction with its journal)."""


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class DiskReserve:
    """The reserve of one database. Several processes may use it at once."""

    def __init__(self, file: Path | None, size: int, free: Callable[[Path], int] = _free_bytes) -> None:
        """Makes a reserve object. `file`: the reserve file, or `None` to reserve nothing. `size`: its size in bytes."""
        self._file, self._size, self._free = file, size, free

    @classmethod
    def of(cls, settings: Settings) -> "DiskReserve":
        """Returns the reserve beside a SQLite file. For PostgreSQL nothing is reserved: its disk is elsewhere."""
        url = make_url(settings.database_url)
        of_sqlite = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
        return cls(Path(f"{url.database}.reserve") if of_sqlite else None, settings.disk_reserve_mb << 20)

    def has_room(self) -> bool:
        """Checks whether users may write. Deletes the reserve if the disk is almost full, and makes it again later."""
        if self._file is None:
            return True
        free = self._free(self._file.parent)
        if self._is_kept(self._file):
            if free >= _LEAST_FREE_BYTES:
                return True
            self._file.unlink(missing_ok=True)
            _LOG.error("disk.full", free_mb=free >> 20, let_go_mb=self._size >> 20)
            return False
        return free >= self._size + 2 * _LEAST_FREE_BYTES and self._take(self._file)

    def require_room(self) -> None:
        """Raises `DiskFull` if users may not write now."""
        if not self.has_room():
            raise DiskFull("disk_full")

    def _is_kept(self, file: Path) -> bool:
        return file.exists() and file.stat().st_size >= self._size

    def _take(self, file: Path) -> bool:
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as kept:
                os.posix_fallocate(kept.fileno(), 0, self._size)
        except OSError as error:  # another process used the space first
            file.unlink(missing_ok=True)
            _LOG.error("disk.full", code=error.errno)
            return False
        _LOG.info("disk.has_room", kept_mb=self._size >> 20)
        return True
