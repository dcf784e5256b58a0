"""Memory of how tests begin: acts that many tests do first are done once in a run, and their store is copied."""

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import inspect
from sqlmodel import SQLModel

from placement.core.settings import Settings
from placement.crypto.encrypted_columns import use_keys
from placement.storage.database import Database

Verb = TypeVar("Verb", bound=Callable[..., Any])

_COUNTER = slice(24, 28)
"""Bytes of a file of SQLite that are different after each transaction that wrote."""

_NUMBERS = count(1)


@dataclass(frozen=True)
class Row:
    """A row, by its key."""

    kind: type[SQLModel]
    key: Any


@dataclass(frozen=True)
class Kept:
    """A store after some acts, and the result of the last act."""

    folder: Path
    result: str | Row | None


class Beginning:
    """The acts of a test so far. Anything else that writes into the store ends it, as does another thread."""

    MOST = 300
    """Stores that are kept, those used last: 1 MB each."""

    def __init__(
        self,
        kept: dict[tuple[str, ...], Kept],
        folder: Path,
        database: Database,
        settings: Settings,
        is_patched: Callable[[], bool] = lambda: False,
    ) -> None:
        self._kept, self._folder, self._database, self.settings = kept, folder, database, settings
        self._is_patched = is_patched
        self._file = Path(str(database.engine.url.database))
        self._acts: tuple[str, ...] = ()
        self._counter = self._count()
        self._is_acting = False

    def do(self, words: str, act: Callable[[], Any], is_row: bool) -> Any:
        """Returns the result of this act, whose verb and arguments are `words`.

        Not kept are acts within another act, acts that only read, and acts without a row as result (`is_row`).
        """
        is_main = threading.current_thread() is threading.main_thread()
        if self._is_acting or not is_main or self._is_patched() or self._count() != self._counter:
            return act()
        acts = (*self._acts, words)
        if acts in self._kept:
            kept = self._kept[acts] = self._kept.pop(acts)
            self._restore(kept.folder)
            result = self._row(kept.result) if isinstance(kept.result, Row) else kept.result
        else:
            self._is_acting = True
            try:
                result = act()
            finally:
                self._is_acting = False
            if self._count() == self._counter or not self._keep(acts, result, is_row):
                return result
        self._acts, self._counter = acts, self._count()
        return result

    def _count(self) -> tuple[object, ...]:
        """Returns what is different after each change of the file or of the key store."""
        with self._file.open("rb") as file:
            counter = file.read(_COUNTER.stop)[_COUNTER]
        keys = sorted((one.name, one.stat().st_size) for one in os.scandir(self.settings.key_store))
        return counter, *keys

    def _keep(self, acts: tuple[str, ...], result: Any, is_row: bool) -> bool:
        row = Row(type(result), inspect(result).identity) if isinstance(result, SQLModel) else None
        if is_row and (row is None or row.key is None):
            return False
        folder = self._folder / str(next(_NUMBERS))
        shutil.copytree(self.settings.key_store, folder / "keys")
        shutil.copyfile(self._file, folder / "database")
        self._kept[acts] = Kept(folder, row or result)
        if len(self._kept) > self.MOST:
            shutil.rmtree(self._kept.pop(next(iter(self._kept))).folder)
        return True

    def _row(self, row: Row) -> SQLModel:
        with self._database.transaction() as session:
            return session.get_one(row.kind, row.key)

    def _restore(self, folder: Path) -> None:
        self._database.close()
        shutil.copyfile(folder / "database", self._file)
        shutil.rmtree(self.settings.key_store)
        shutil.copytree(folder / "keys", self.settings.key_store)
        use_keys(self._database.engine.dialect, self.settings)


def once(town: Any, verb: Any, act: Callable[[], Any], *words: object, is_row: bool = False) -> Any:
    """Returns the result of an act in a town, whose verb and arguments name it, if they can."""
    name = f"{getattr(verb, '__module__', '')}.{getattr(verb, '__qualname__', '<locals>')} {town.at} {words}"
    can_be_named = "<locals>" not in name and "<lambda>" not in name and " at 0x" not in name
    if town.beginning is None or town.settings is not town.beginning.settings or not can_be_named:
        return act()
    return town.beginning.do(name, act, is_row)


def remembered(verb: Verb) -> Verb:
    """Wraps a verb of a town that returns an id or nothing: with the same acts before it, it runs once in a run."""

    @wraps(verb)
    def do(town, *args, **named):
        return once(town, verb, lambda: verb(town, *args, **named), args, sorted(named.items()))

    return cast("Verb", do)
