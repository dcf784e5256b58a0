"""Stores with a long past, kept below `build/years/` and gone on with: `python -m bench.past_store DAYS [SIZE]`.

A folder for each mark holds the database, its keys and the settings; it is named by the commit that it was begun with
and the size. What was lived is copied at each mark, and the next is lived from there; a life that was cut
off goes on. SQLite alone.
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
from sqlalchemy import event
from sqlmodel import func, select

import fixtures
from bench.history import BEGINS, History, at
from placement.core import events
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


def past_of(days: int, size: str = "national", *, root: Path | None = None) -> Past:
    """The store after so many days, from what is kept, or lived from the mark before it."""
    root = root or ROOT / f"{_commit()}-{size}"
    folder = root / f"{days:05}"
    if not (folder / "done.json").exists():
        if not days:
            _clear(folder)
            _begin(folder, size)
        else:
            before = max((mark for mark in MARKS if mark < days), default=0)
            if not (folder / "copied.json").exists():
                _clear(folder)
                _copy(past_of(before, size, root=root), folder)
                (folder / "copied.json").write_text("{}")
            _live(_read(folder)[0], days)
        (folder / "done.json").write_text("{}")
    return Past(days, *_read(folder))


def _commit() -> str:
    """The newest commit of what says how a past is lived. A change of the service keeps it: the store is migrated, as
    one that is in use.
    """
    made_by = ("bench/history.py", "fixtures")
    program = ("/usr/bin/env", "git", "log", "-1", "--format=%h", "--", *made_by)
    told = subprocess.run(program, cwd=ROOT.parents[1], capture_output=True, check=True, text=True)  # noqa: S603
    return told.stdout.strip()


def _begin(folder: Path, size: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = {"field_key": Fernet.generate_key().decode(), "audit_key": cipher.new_key(), "people": []}
    (folder / "store.json").write_text(json.dumps({**told, "database_url": _url(folder)}))
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
    settings = Settings(
        var=folder,
        key_store=folder / "keys",
        audit_heads=folder / "heads.jsonl",
        database_url=told["database_url"],
        field_keys=(told["field_key"],),
        audit_key=told["audit_key"],
        plain_http=True,
    )
    return settings, told["people"]


def _opened(settings: Settings) -> Database:
    """Without waiting for the disk: what a crash loses is lived again."""
    database = Database.open(settings)
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return database


def _live(settings: Settings, days: int) -> None:
    """Up to this day, from the one after the last on which the clock's work was done."""
    events.react(REACTIONS)
    database = _opened(settings)
    database.migrate()
    history = History(database, settings)
    began = time.perf_counter()
    for number in range(_lived(database), days):
        history.live(day_of(BEGINS) + timedelta(days=number))
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


def _copy(past: Past, folder: Path) -> None:
    old, url = past.settings.var, _url(folder)
    shutil.copytree(
        old, folder, ignore=shutil.ignore_patterns("done.json", "copied.json", "*-wal", "*-shm", "*.migrating")
    )
    told = json.loads((folder / "store.json").read_text())
    (folder / "store.json").write_text(json.dumps({**told, "database_url": url}))


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _url(folder: Path) -> str:
    return f"sqlite:///{folder}/years.db"


if __name__ == "__main__":
    kept = past_of(int(sys.argv[1]), *sys.argv[2:3])
    sys.stdout.write(f"{kept.settings.var}\n")
