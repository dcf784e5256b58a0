"""A short-lived cache of data keys, because unwrapping a key takes long. It also caches values that are often read."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakSet

from placement.crypto.cipher import Cipher, Place

LONGEST_SECONDS = 60
_SWEEP_SECONDS = 15
"""The interval between two sweeps. A sweep removes the keys that would be older than a minute at the next sweep."""

LOOK_AGAIN_SECONDS = 0.001
"""How long the check of a key file stays valid. A check takes as long as a decryption."""

WAIT_SECONDS = 2 * LOOK_AGAIN_SECONDS  # after this time every process checks its files again

Stamp = tuple[int, int, int]


class Stamps:
    """The stamps of key files. A stamp changes when its file is replaced, overwritten or emptied."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Stamp]] = {}

    def of(self, file: str) -> Stamp:
        """Returns the stamp of a file, read at most a millisecond ago. A missing file has a stamp of zeros."""
        now, known = time.monotonic(), self._known.get(file)
        if known is not None and now < known[0]:
            return known[1]
        try:
            found = os.stat(file)  # noqa: PTH116  (of each row that is read)
            stamp = found.st_ino, found.st_size, found.st_mtime_ns
        except (OSError, ValueError):
            stamp = 0, 0, 0
        self._known[file] = now + LOOK_AGAIN_SECONDS, stamp
        return stamp

    def wait_for_others(self) -> None:
        """Clears the cached stamps. Waits until every other process has to read the stamps of files again."""
        self._known.clear()
        time.sleep(WAIT_SECONDS)


class KeptCipher(Cipher):
    """A data key in memory, with a cache of values that it decrypted."""

    MOST = 2_000
    """The largest number of cached values for one key."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key)
        self._opened: dict[Place, tuple[str, bytes]] = {}

    def read(self, token: str, place: Place) -> bytes:
        """Decrypts a token and removes the padding. Caches the result."""
        known = self._opened.get(place)
        if known is not None and known[0] == token:
            return known[1]
        plain = self.decrypt(token, place).rstrip()
        if len(self._opened) >= self.MOST:
            self._opened.clear()
        self._opened[place] = token, plain
        return plain


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: Stamp
    since: float
    cipher: KeptCipher


class KeyCache:
    """The cached keys of one key store. `now`: a monotonic clock, in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[str, _Kept] = {}

    def found(self, name: str, stamp: Stamp) -> KeptCipher | None:
        """Returns a cached key. Returns `None` if it is not cached, is too old, or its file has changed."""
        kept = self._kept.get(name)
        if kept is None or kept.stamp != stamp or self._now() - kept.since >= LONGEST_SECONDS:
            return None
        return kept.cipher

    def keep(self, name: str, stamp: Stamp, cipher: KeptCipher) -> KeptCipher:
        """Caches a key. `stamp`: the stamp of the file before it was read, so that a later change is noticed."""
        self._kept[name] = _Kept(stamp, self._now(), cipher)
        _SWEEPER.includes(self)
        return cipher

    def forget(self, name: str) -> None:
        self._kept.pop(name, None)

    def sweep(self) -> None:
        """Removes the keys that would be too old at the next sweep."""
        oldest = self._now() - (LONGEST_SECONDS - _SWEEP_SECONDS)
        for name, kept in list(self._kept.items()):
            if kept.since <= oldest:
                self._kept.pop(name, None)

    def __len__(self) -> int:
        return len(self._kept)


class _Sweeper:
    """The background thread that removes old keys from all caches, also while the process is idle. It starts when the
    first key is cached.
    """

    def __init__(self) -> None:
        self._caches: WeakSet[KeyCache] = WeakSet()
        self._begin_anew()
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        """Resets the state after a fork, because the thread does not exist in the child process."""
        self._lock, self._runs = threading.Lock(), False

    def includes(self, cache: KeyCache) -> None:
        with self._lock:
            self._caches.add(cache)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._sweeps, name="key cache", daemon=True).start()

    def _sweeps(self) -> None:
        while True:
            time.sleep(_SWEEP_SECONDS)
            self._sweep_once()

    def _sweep_once(self) -> None:
        with self._lock:
            caches = list(self._caches)
        for cache in caches:
            cache.sweep()


_SWEEPER = _Sweeper()
