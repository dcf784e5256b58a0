"""Stores with a long past, kept below `build/years/` and gone on with: `python -m bench.past_store DAYS [SIZE [URL]]`.

A folder for each mark holds the database, its keys and the settings; it is named by the commit that it was begun with
and the size. What was lived is copied at each mark, and the next is lived from there; a life that was cut
off goes on. On SQLite, or in databases of the PostgreSQL server at `URL`, named as the folders.
"""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlmodel import func, select

import fixtures
from bench.history import BEGINS, History, at
from placement.core import signals
from placement.core.clock import day_of
from placement.core.settings import Settings
from placement.crypto import cipher
from placement.jobs.reactions import REACTIONS
from placement.storage.database import Database
from placement.tables import DailyRun

ROOT = Path(__file__).parents[1] / "build" / "years"
WEEK, YEAR = 7, 365
MARKS = (WEEK, 30, 91, *(YEAR * number for number in range(1, 11)))
"""Days after which a copy is kept."""


@dataclass(frozen=True, slots=True)
class Past:
    """A store and its people, after so many days."""

    days: int
    settings: Settings
    people: Sequence[dict[str, Any]]

    @property
    def at(self) -> datetime:
        """The end of its last day."""
        return BEGINS + timedelta(days=self.days, hours=-5, minutes=-20)

    def copied(self, folder: Path) -> Settings:
        """A copy of the store in this folder; on PostgreSQL in a database beside its own, with the folder's name."""
        left_out = ("done.json", "copied.json", "*-wal", "*-shm", "*.migrating")
        shutil.copytree(self.settings.var, folder, ignore=shutil.ignore_patterns(*left_out))
        url = url_of(folder, self.settings.database_url)
        if not _is_file(url):
            named = make_url(self.settings.database_url).database
            _run(url, f'CREATE DATABASE "{make_url(url).database}" TEMPLATE "{named}"')
        return _settings(folder, url)


def past_of(days: int, size: str = "national", *, root: Path | None = None, server: str = "") -> Past:
    """The store after so many days, from what is kept, or lived from the mark before it. `server`: the address of a
    PostgreSQL server; without it the store is a file.
    """
    root = root or ROOT / f"{_commit()}-{size}{'-postgresql' if server else ''}"
    folder = root / f"{days:05}"
    if not (folder / "done.json").exists():
        if not days:
            clear(folder, server)
            _begin(folder, size, server)
        else:
            before = max((mark for mark in MARKS if mark < days), default=0)
            if not (folder / "copied.json").exists():
                clear(folder, server)
                past_of(before, size, root=root, server=server).copied(folder)
                (folder / "copied.json").write_text("{}")
            _live(_read(folder)[0], days)
        (folder / "done.json").write_text("{}")
    return Past(days, *_read(folder))


def _commit() -> str:
    """Returns the newest commit of the files that make a past.
    A change of the service keeps the past: the store is migrated, like a store in use.
    """
    made_by = ("bench/history.py", "fixtures")
    program = ("/usr/bin/env", "git", "log", "-1", "--format=%h", "--", *made_by)
    told = subprocess.run(program, cwd=ROOT.parents[1], capture_output=True, check=True, text=True)  # noqa: S603
    return told.stdout.strip()


def _begin(folder: Path, size: Any, server: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    url = url_of(folder, server)
    if not _is_file(url):
        _run(url, f'CREATE DATABASE "{make_url(url).database}"')
    told = {"field_key": Fernet.generate_key().decode(), "audit_key": cipher.new_key(), "people": []}
    (folder / "store.json").write_text(json.dumps({**told, "database_url": url}))
    settings, _ = _read(folder)
    with at(BEGINS):
        database = _opened(settings)
        database.migrate()
        made = fixtures.load(database, settings, size=size, seed=1, at=BEGINS).as_json()
        database.close()
    stored = json.loads((folder / "store.json").read_text())
    (folder / "store.json").write_text(json.dumps({**stored, "people": made["people"]}))


def _read(folder: Path) -> tuple[Settings, list[dict[str, Any]]]:
    told = json.loads((folder / "store.json").read_text())
    return _settings(folder, told["database_url"]), told["people"]


def _settings(folder: Path, url: str) -> Settings:
    """Returns the settings of the store in this folder, after writing its database there."""
    told = {**json.loads((folder / "store.json").read_text()), "database_url": url}
    (folder / "store.json").write_text(json.dumps(told))
    return Settings(
        var=folder,
        key_store=folder / "keys",
        audit_heads=folder / "heads.jsonl",
        database_url=url,
        field_keys=(told["field_key"],),
        audit_key=told["audit_key"],
        plain_http=True,
    )


def _opened(settings: Settings) -> Database:
    """A file without waiting for the disk: what a crash loses is lived again."""
    database = Database.open(settings)
    if _is_file(settings.database_url):
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return database


def _live(settings: Settings, days: int) -> None:
    """Up to this day, from the one after the last on which the clock's work was done."""
    signals.react(REACTIONS)
    database = _opened(settings)
    database.migrate()
    history = History(database, settings)
    began = time.perf_counter()
    for number in range(_lived(database), days):
        history.live(day_of(BEGINS) + timedelta(days=number))
        database.seal_log()
        if number % 30 == 0:
            sys.stderr.write(f"day {number}: {time.perf_counter() - began:.0f} s\n")
    sys.stderr.write(f"{_told(history.done)}\nrefused: {_told(history.refused)}\n")
    database.close()


def _lived(database: Database) -> int:
    """A day that was cut off is not lived again: part of it is missing."""
    with database.transaction() as session:
        last = session.exec(select(func.max(DailyRun.day)).where(DailyRun.job == "make_report")).one()
    return 0 if last is None else (last - day_of(BEGINS)).days + 1


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())


def clear(folder: Path, server: str) -> None:
    """Removes a store. `server`: the address of any of its databases, for a store on PostgreSQL."""
    url = url_of(folder, server)
    if not _is_file(url):
        _run(url, f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')
    shutil.rmtree(folder, ignore_errors=True)


def url_of(folder: Path, server: str) -> str:
    """The address of the database of the store in this folder: a file, or on this PostgreSQL server."""
    if _is_file(server):
        return f"sqlite:///{folder}/years.db"
    named = make_url(server).set(database=f"{folder.parent.name}-{folder.name}")
    return named.render_as_string(hide_password=False)


def _is_file(url: str) -> bool:
    return not url.startswith("postgresql")


def _run(url: str, statement: str) -> None:
    """Beside the database that it is about, as what is about whole databases must be."""
    engine = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


if __name__ == "__main__":
    kept = past_of(int(sys.argv[1]), *sys.argv[2:3], server="".join(sys.argv[3:4]))
    sys.stdout.write(f"{kept.settings.var}\n")
