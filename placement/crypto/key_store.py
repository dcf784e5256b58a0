"""The key store: a folder with a file for each data key. The master keys wrap the data keys (`master_keys.py`).

The folder has backups of its own, which are kept only for a short time (`docs/guide/operation.md`): an old key could
decrypt its content for ever. A destroyed key leaves an empty file, so that no process makes the key again. A key can be
unwrapped only under its own name, so a file copied over another file is useless.

Several processes may use one folder. A writer locks it. A reader needs no lock, because files are replaced as a whole.
A process caches a key for at most a minute, with values that it decrypted. Before each use it checks that the file is
unchanged; a check stays valid for a millisecond. A destruction waits longer than that. So when `destroy` returns, no
process can use the key or its values any more.
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
from placement.crypto.key_cache import KeptCipher, KeyCache, Stamp, Stamps
from placement.crypto.key_files import draft_of, erase_draft, write_whole
from placement.crypto.master_keys import MasterKeys

_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_ID = "store.id"
_ENDING = ".key"
_SEPARATOR = "."
"""The separator between the name of the master key and the wrapped key."""


class KeyStore:
    def __init__(self, folder: Path, masters: MasterKeys) -> None:
        self.folder, self.masters, self._begin = folder, masters, f"{folder}/"
        self._cache, self._stamps = KeyCache(), Stamps()

    def found(self) -> str:
        """Makes the store if it is missing. Returns its id, which the database also stores."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone():
            if self.id() is None:
                write_whole(self.folder / _ID, secrets.token_hex(16).encode())
        return str(self.id())

    def id(self) -> str | None:
        """Returns the store's id, or `None` if the folder contains no store (for example if a disk is not mounted)."""
        file = self.folder / _ID
        return file.read_text() if file.exists() else None

    def names(self) -> list[str]:
        """Returns the names of all keys, including destroyed keys."""
        return sorted(file.name.removesuffix(_ENDING) for file in self.folder.glob(f"*{_ENDING}"))

    def key(self, name: str) -> KeptCipher:
        """Unwraps a data key. Raises `Conflict` for a destroyed key, and `KeyMissing` for a missing or damaged key."""
        stamp = self.stamp(name)
        if (known := self._cache.found(name, stamp)) is not None:
            return known
        return self._cache.keep(name, stamp, KeptCipher(derived(self.key_text(name), f"placement data key: {name}")))

    def key_text(self, name: str) -> str:
        """Unwraps a data key without deriving the cipher's key from it. Raises the errors of `key`."""
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
        """Unwraps a key. Raises `InvalidTag` if no master key unwraps it under this name."""
        text = wrapped.decode()
        if _SEPARATOR in text:
            return self.masters.decrypt(text, _place(name)).decode()
        return self.masters.unwrap_first_form(text).decode()

    def opens(self, name: str) -> bool:
        """Checks that the key is present and not damaged. Also returns true for a destroyed key."""
        if self.is_destroyed(name):
            return True
        try:
            self.key(name)
        except KeyMissing:
            return False
        return True

    def make(self, name: str) -> KeptCipher:
        """Makes a key on disk; returns an existing key unchanged. Raises `Conflict` for a destroyed key."""
        if self._wrapped(name) is None:
            with self._alone():
                if self._wrapped(name) is None:
                    write_whole(self._file(name), self._wrap(name, new_key()))
        return self.key(name)

    def copied(self) -> Iterator[tuple[str, bytes]]:
        """Yields name and content of the files for a backup: each key file, and finally the file with the store's id. A
        key that is destroyed meanwhile is yielded unchanged or empty.
        """
        for name in self.names():
            with self._alone():
                wrapped = self._wrapped(name)
            if wrapped is not None:  # `None`: an unused key was removed meanwhile
                yield self._file(name).name, wrapped
        yield _ID, str(self.id()).encode()

    def put_back(self, files: Mapping[str, bytes]) -> None:
        """Restores the key files, but not the id. A database accepts the store only after `put_back_id`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, wrapped in files.items():
            if name != _ID:
                write_whole(self._file(name.removesuffix(_ENDING)), wrapped)

    def file_name(self, name: str) -> str:
        """Returns the file name of a key."""
        return self._file(name).name

    def put_back_id(self, written: str) -> None:
        write_whole(self.folder / _ID, written.encode())

    def destroy(self, name: str) -> None:
        """Overwrites the key and its draft, and keeps an empty file. When this returns, no process can use the key."""
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
        self._stamps.wait_for_others()

    def remove(self, name: str) -> None:
        """Destroys a key that was never used, and removes its file too."""
        self.destroy(name)
        self._file(name).unlink()

    def forget(self, name: str) -> None:
        """Removes a key from the cache."""
        self._cache.forget(name)

    def is_destroyed(self, name: str) -> bool:
        return self._wrapped(name) == b""

    def made_at(self, name: str) -> datetime:
        """Returns the time at which the key was made or last wrapped again."""
        return datetime.fromtimestamp(self._file(name).stat().st_mtime, UTC)

    def rewrap(self, name: str) -> bool:
        """Wraps the key with the newest master key. Returns false if this is not necessary, or the key is damaged."""
        return self._wrap_anew(name, self._unwrapped)

    def move(self, name: str, former: MasterKeys) -> bool:
        """Does the same as `rewrap`, and can also unwrap the key with these former master keys."""
        before = KeyStore(self.folder, former)

        def unwrapped(name: str, wrapped: bytes) -> str:
            try:
                return self._unwrapped(name, wrapped)
            except InvalidTag:
                return before._unwrapped(name, wrapped)

        return self._wrap_anew(name, unwrapped)

    def _wrap_anew(self, name: str, unwrapped: Callable[[str, bytes], str]) -> bool:
        with self._alone():  # otherwise a key that another process destroys now would exist again
            wrapped = self._wrapped(name)
            if not wrapped or self._is_newest(wrapped):
                return False
            try:
                key = unwrapped(name, wrapped)
            except (InvalidTag, ValueError):  # `missing_keys` reports the damaged key
                return False
            write_whole(self._file(name), self._wrap(name, key))
        return True

    def wrapped_by(self, name: str) -> str | None:
        """Returns the name of the master key that wraps the key; `None` for a missing or destroyed key, or if the file
        names no master key.
        """
        written = (self._wrapped(name) or b"").decode(errors="replace")
        return written.partition(_SEPARATOR)[0] if _SEPARATOR in written else None

    def is_wrapped_by_newest(self, name: str) -> bool:
        """Checks that no old master key is needed for this key. Returns true for a destroyed key."""
        wrapped = self._wrapped(name)
        return not wrapped or self._is_newest(wrapped)

    def _is_newest(self, wrapped: bytes) -> bool:
        return self.masters.is_newest(wrapped.decode(errors="replace"))

    def _wrap(self, name: str, key: str) -> bytes:
        return self.masters.encrypt(key.encode(), _place(name)).encode()

    def stamp(self, name: str) -> Stamp:
        return self._stamps.of(self._begin + name + _ENDING)

    def _wrapped(self, name: str) -> bytes | None:
        """Returns the content of the key's file, or `None`. Removes zeros, which a crash in `destroy` can leave."""
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
