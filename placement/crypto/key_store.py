"""The key store of the data keys: a folder apart from the database, one file a key, wrapped by the master keys: those
of the service's file, or of a token (`master_keys.py`).

Apart, because a backup that holds a key opens what was encrypted with it for ever: this folder has backups of its own,
few and short-lived (`docs/guide/operation.md`). A destroyed key leaves an empty file: no process makes it again.

A file opens under its own name only, and what a key encrypts hangs on that name: a file that was copied over another
opens nothing.

Several processes may use one folder. A writer holds its lock; a reader needs none, as a file is replaced whole. A key
is kept in memory for a minute at most, with what it opened of the columns that are `kept`, and each use looks whether
its file is the same still: a destroyed key, and what it opened, is gone at once, everywhere.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag

from placement.core.errors import Conflict, KeyMissing, Misconfigured
from placement.crypto.cipher import Place, derived, new_key
from placement.crypto.key_cache import KeptCipher, KeyCache, Stamp
from placement.crypto.key_files import draft_of, erase_draft, write_whole
from placement.crypto.master_keys import MasterKeys

_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_ID = "store.id"
_ENDING = ".key"
_SEPARATOR = "."
"""Between the name of the master key and the wrapped key."""


class KeyStore:
    def __init__(self, folder: Path, masters: MasterKeys) -> None:
        self.folder, self.masters = folder, masters
        self._cache = KeyCache()

    def found(self) -> str:
        """Makes the store unless there is one; returns its id, by which a database checks that it is its own."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone():
            if self.id() is None:
                write_whole(self.folder / _ID, secrets.token_hex(16).encode())
        return str(self.id())

    def id(self) -> str | None:
        """The store's id; None where there is no store: a folder that is not mounted is empty too."""
        file = self.folder / _ID
        return file.read_text() if file.exists() else None

    def names(self) -> list[str]:
        """The names of all keys, the destroyed ones too."""
        return sorted(file.name.removesuffix(_ENDING) for file in self.folder.glob(f"*{_ENDING}"))

    def key(self, name: str) -> KeptCipher:
        """A data key, unwrapped. Raises `Conflict` where it was destroyed, `KeyMissing` where it is not here or cannot
        be unwrapped.
        """
        stamp = self.stamp(name)
        return self._cache.found(name, stamp) or self._cache.keep(name, stamp, self._opened(name))

    def _opened(self, name: str) -> KeptCipher:
        return KeptCipher(derived(self.key_text(name), f"placement data key: {name}"))

    def key_text(self, name: str) -> str:
        """A data key as it was made: for a migration that opens what was encrypted before. Raises as `key` does."""
        wrapped = self._wrapped(name)
        if wrapped is None:
            raise KeyMissing(f"the key store has no key {name}: look at PLACEMENT_KEY_STORE, and at its backups")
        if not wrapped:
            raise Conflict("content_erased")
        try:
            return self._unwrapped(name, wrapped)
        except (InvalidTag, ValueError) as damaged:
            raise KeyMissing(f"the key {name} is damaged: put it back from the backups of the key store") from damaged

    def _unwrapped(self, name: str, wrapped: bytes) -> str:
        """The key. Raises `InvalidTag` where no master key opens it, or it was wrapped under another name."""
        text = wrapped.decode()
        if _SEPARATOR in text:
            return self.masters.decrypt(text, _place(name)).decode()
        return self.masters.unwrap_first_form(text).decode()

    def opens(self, name: str) -> bool:
        """Whether the key is here and whole, or was destroyed on purpose."""
        if self.is_destroyed(name):
            return True
        try:
            self.key(name)
        except KeyMissing:
            return False
        return True

    def make(self, name: str) -> KeptCipher:
        """The key, on the disk before this returns; the existing one where another process made it already.

        Raises `Conflict` where it was destroyed.
        """
        if self._wrapped(name) is None:
            with self._alone():
                if self._wrapped(name) is None:
                    write_whole(self._file(name), self._wrap(name, new_key()))
        return self.key(name)

    def copied(self) -> Iterator[tuple[str, bytes]]:
        """Each key as it is stored, by the name of its file, and at last the id of the store: for a backup. One that is
        being destroyed meanwhile is either whole or empty.
        """
        for name in self.names():
            with self._alone():
                wrapped = self._wrapped(name)
            if wrapped is not None:  # else it was removed: nothing was ever encrypted with it
                yield self._file(name).name, wrapped
        yield _ID, str(self.id()).encode()

    def put_back(self, files: Mapping[str, bytes]) -> None:
        """Writes what `copied` told, but for the id: until `put_back_id` no database takes this folder for its own."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, wrapped in files.items():
            if name != _ID:
                write_whole(self._file(name.removesuffix(_ENDING)), wrapped)

    def file_name(self, name: str) -> str:
        """How `copied` names the file of a key."""
        return self._file(name).name

    def put_back_id(self, written: str) -> None:
        write_whole(self.folder / _ID, written.encode())

    def destroy(self, name: str) -> None:
        """Overwrites the key, and what a killed process left of it, and keeps its name; harmless when done before."""
        with self._alone():
            file = os.open(self._file(name), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.pwrite(file, bytes(os.fstat(file).st_size), 0)
                os.fsync(file)
                os.ftruncate(file, 0)
                os.fsync(file)
            finally:
                os.close(file)
            erase_draft(draft_of(self._file(name)))
        self.forget(name)

    def remove(self, name: str) -> None:
        """Destroys a key that nothing was ever encrypted with, and removes its name."""
        self.destroy(name)
        self._file(name).unlink()

    def forget(self, name: str) -> None:
        """Forgets what is in memory of a key: it is unwrapped at its next use."""
        self._cache.forget(name)

    def is_destroyed(self, name: str) -> bool:
        return self._wrapped(name) == b""

    def made_at(self, name: str) -> datetime:
        """When the file was last written: when the key was made, or wrapped anew."""
        return datetime.fromtimestamp(self._file(name).stat().st_mtime, UTC)

    def rewrap(self, name: str) -> bool:
        """Wraps the key with the newest master key; False where it was so already, or is destroyed."""
        return self._wrap_anew(name, self._unwrapped)

    def move(self, name: str, former: MasterKeys) -> bool:
        """Wraps a key that these former master keys wrapped with the newest of the present ones; False as `rewrap`."""
        before = KeyStore(self.folder, former)

        def unwrapped(name: str, wrapped: bytes) -> str:
            try:
                return self._unwrapped(name, wrapped)
            except InvalidTag:
                return before._unwrapped(name, wrapped)

        return self._wrap_anew(name, unwrapped)

    def _wrap_anew(self, name: str, unwrapped: Callable[[str, bytes], str]) -> bool:
        with self._alone():  # else a key that is destroyed meanwhile would come back
            wrapped = self._wrapped(name)
            if not wrapped or self._is_newest(wrapped):
                return False
            try:
                key = unwrapped(name, wrapped)
            except (InvalidTag, ValueError):  # damaged: `missing_keys` names it
                return False
            write_whole(self._file(name), self._wrap(name, key))
        return True

    def wrapped_by(self, name: str) -> str | None:
        """Returns the name of the master key that wraps the key; None if it is missing or destroyed, or its file does
        not name one.
        """
        written = (self._wrapped(name) or b"").decode(errors="replace")
        return written.partition(_SEPARATOR)[0] if _SEPARATOR in written else None

    def is_wrapped_by_newest(self, name: str) -> bool:
        """Whether no old master key is needed for it; true for a destroyed one too."""
        wrapped = self._wrapped(name)
        return not wrapped or self._is_newest(wrapped)

    def _is_newest(self, wrapped: bytes) -> bool:
        return self.masters.is_newest(wrapped.decode(errors="replace"))

    def _wrap(self, name: str, key: str) -> bytes:
        return self.masters.encrypt(key.encode(), _place(name)).encode()

    def stamp(self, name: str) -> Stamp:
        """What changes whenever its file is replaced, overwritten or emptied; zeros where there is none."""
        try:
            found = os.stat(f"{self.folder}/{name}{_ENDING}")  # noqa: PTH116  (of each row that is read)
        except (OSError, ValueError):
            return 0, 0, 0
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _wrapped(self, name: str) -> bytes | None:
        """The content of its file, without zeros: a crash can come between overwriting and emptying."""
        try:
            return self._file(name).read_bytes().strip(b"\0")
        except FileNotFoundError:
            return None

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise KeyMissing(f"{name!r} is no name of a key: the database was tampered with")
        return self.folder / f"{name}{_ENDING}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self.folder.is_dir():
            raise Misconfigured(f"there is no key store at {self.folder}: is it mounted? else run `placement migrate`")
        lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _place(name: str) -> Place:
    return Place("key store", "key", (name,))
