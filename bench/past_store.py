"""Stores with a long simulated past: `python -m bench.past_store DAYS [SIZE [URL]]`. A store is kept below
`build/years/` and reused by later runs.

A store is a folder with a database, keys and settings. It is kept after certain numbers of days (*marks*). The store of
a mark is made from a copy of the store of the mark before. An interrupted run can continue. The path of the folder
contains the commit that made the past, and the size.

The databases are SQLite files, or databases of the PostgreSQL server at `URL` that have the names of the folders.
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
"""The numbers of days after which a store is kept."""


@dataclass(frozen=True, slots=True)
class Past:
    """A store with a simulated past of `days` days, and the credentials of its people."""

    days: int
    settings: Settings
    people: Sequence[dict[str, Any]]

    @property
    def at(self) -> datetime:
        """The end of the last simulated day."""
        return BEGINS + timedelta(days=self.days, hours=-5, minutes=-20)

    def copied(self, folder: Path) -> Settings:
        """Copies the store into this folder, and returns the settings of the copy. On PostgreSQL, the copy is a
        database with the name of the folder.
        """
        left_out = ("done.json", "copied.json", "*-wal", "*-shm", "*.migrating")
        shutil.copytree(self.settings.var, folder, ignore=shutil.ignore_patterns(*left_out))
        url = url_of(folder, self.settings.database_url)
        if not _is_file(url):
            named = make_url(self.settings.database_url).database
            _run(url, f'CREATE DATABASE "{make_url(url).database}" TEMPLATE "{named}"')
        return _settings(folder, url)


def past_of(days: int, size: str = "national", *, root: Path | None = None, server: str = "") -> Past:
    """Returns the store with a past of this number of days. If it does not exist yet, makes it from the store of the
    mark before. `server`: the address of a PostgreSQL server; without it the database is a file.
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
    """Returns the newest commit that changed a file which influences the simulation. After other commits the store
    stays in use, and is migrated.
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
    """Stores the address of the database in this folder, and returns the settings of the store."""
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
    """Opens the database. SQLite does not wait for the disk, because a lost past can be simulated again."""
    database = Database.open(settings)
    if _is_file(settings.database_url):
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return database


def _live(settings: Settings, days: int) -> None:
    """Simulates the days after the last simulated day, up to the day with this number."""
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
    """Returns the number of days whose simulation began. An interrupted day counts too: it is not repeated, so its rest
    is missing.
    """
    with database.transaction() as session:
        last = session.exec(select(func.max(DailyRun.day)).where(DailyRun.job == "make_report")).one()
    return 0 if last is None else (last - day_of(BEGINS)).days + 1


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())


def clear(folder: Path, server: str) -> None:
    """Removes a store. `server`: for PostgreSQL, the address of any database of the server."""
    url = url_of(folder, server)
    if not _is_file(url):
        _run(url, f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')
    shutil.rmtree(folder, ignore_errors=True)


def url_of(folder: Path, server: str) -> str:
    """Returns the address of the database for this folder: a file, or a database of this server."""
    if _is_file(server):
        return f"sqlite:///{folder}/years.db"
    named = make_url(server).set(database=f"{folder.parent.name}-{folder.name}")
    return named.render_as_string(hide_password=False)


def _is_file(url: str) -> bool:
    return not url.startswith("postgresql")


def _run(url: str, statement: str) -> None:
    """Runs a statement about a whole database, such as DROP DATABASE. The connection uses another database of the
    server.
    """
    engine = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


if __name__ == "__main__":
    kept = past_of(int(sys.argv[1]), *sys.argv[2:3], server="".join(sys.argv[3:4]))
    sys.stdout.write(f"{kept.settings.var}\n")
