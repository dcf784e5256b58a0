"""Memory of how tests begin: acts that many tests do first are done once in a run, and their store is copied."""

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TypeVar, cast

from placement.core.settings import Settings
from placement.crypto.encrypted_columns import use_keys
from placement.storage.database import Database

Verb = TypeVar("Verb", bound=Callable[..., str | None])

MOST = 300
"""Stores that are kept: 1 MB each."""

_COUNTER = slice(24, 28)
"""Bytes of a file of SQLite that are different after each transaction that wrote."""


@dataclass(frozen=True)
class Kept:
    """A store after some acts, and the result of the last act."""

    folder: Path
    result: str | None


class Beginning:
    """The acts of a test so far. Anything else that writes into the store ends it, as does another thread."""

    def __init__(self, kept: dict[tuple[str, ...], Kept], folder: Path, database: Database, settings: Settings) -> None:
        self._kept, self._folder, self._database, self.settings = kept, folder, database, settings
        self._file = Path(str(database.engine.url.database))
        self._acts: tuple[str, ...] = ()
        self._counter = self._count()

    def do(self, words: str, act: Callable[[], str | None]) -> str | None:
        """Returns the result of this act, whose verb and arguments are `words`."""
        if self._count() != self._counter or threading.current_thread() is not threading.main_thread():
            return act()
        acts = (*self._acts, words)
        if acts in self._kept:
            self._restore(self._kept[acts].folder)
        elif len(self._kept) < MOST:
            self._kept[acts] = self._keep(act())
        else:
            return act()
        self._acts, self._counter = acts, self._count()
        return self._kept[acts].result

    def _count(self) -> bytes:
        with self._file.open("rb") as file:
            return file.read(_COUNTER.stop)[_COUNTER]

    def _keep(self, result: str | None) -> Kept:
        folder = self._folder / str(len(self._kept))
        shutil.copytree(self.settings.key_store, folder / "keys")
        shutil.copyfile(self._file, folder / "database")
        return Kept(folder, result)

    def _restore(self, folder: Path) -> None:
        self._database.close()
        shutil.copyfile(folder / "database", self._file)
        shutil.rmtree(self.settings.key_store)
        shutil.copytree(folder / "keys", self.settings.key_store)
        use_keys(self._database.engine.dialect, self.settings)


def remembered(verb: Verb) -> Verb:
    """Wraps a verb that returns an id or nothing: with the same acts before it, it runs once in a run."""

    @wraps(verb)
    def do(self, *args, **named):
        if self.beginning is None or self.settings is not self.beginning.settings:
            return verb(self, *args, **named)
        words = f"{verb.__name__} {self.at} {args} {sorted(named.items())}"
        return self.beginning.do(words, lambda: verb(self, *args, **named))

    return cast("Verb", do)
