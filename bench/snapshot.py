"""`python -m bench.snapshot [DATABASE_URL]`: measures the engine's snapshot of the national country.

The figures are milliseconds: the median and the least of many runs, with the keys in memory. `cpu` is the processor
time of this process, which depends less on other work on the machine. `anew` is a run in which each key is unwrapped
again, and each row decrypted again. To compare slow and fast machines, the time is also given as a multiple of the time
for the SQL statements alone. The database driver sends these without making objects.

`DATABASE_URL`: an empty PostgreSQL database; by default a SQLite file.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event
from sqlmodel import Session, select

from bench.pages import loaded
from placement.core import clock
from placement.core.context import SYSTEM, Act
from placement.core.settings import Settings
from placement.solver.snapshot import snapshot
from placement.storage.database import Database
from placement.storage.field_sealing import keys_of_session
from placement.tables import DataKey

TIMES, WARM = 60, 3
Statement = tuple[str, Any]
Took = tuple[float, float]
"""Milliseconds of real time, and milliseconds of processor time."""


def measured(times: int = TIMES, size: str = "national", url: str = "") -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, loaded(Path(folder), size, url) as (settings, database, _):
        sent = _statements(database, settings)
        found = _in_turn(
            times,
            snapshot=lambda: _snapshot(database, settings),
            anew=lambda: _snapshot(database, settings, anew=True),
            statements=lambda: _sent_again(database, sent),
        )
        return found | {"ratio": found["snapshot_ms"] / found["statements_ms"]}


def _in_turn(times: int, **acts: Callable[[], Took]) -> dict[str, float]:
    """Returns the milliseconds of each function in `acts`. They take turns, so that other work on the machine affects
    all.
    """
    took: dict[str, list[Took]] = {name: [] for name in acts}
    for _ in range(WARM + times):
        for name, act in acts.items():
            took[name].append(act())
    found = {}
    for name, all_of_it in took.items():
        wall, cpu = zip(*all_of_it[WARM:], strict=True)
        found |= {f"{name}_ms": median(wall), f"{name}_least_ms": min(wall)}
        found |= {f"{name}_cpu_ms": median(cpu), f"{name}_cpu_least_ms": min(cpu)}
    return found


class _Watch:
    """A stopwatch that starts when it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> Took:
        return 1000 * (time.perf_counter() - self._wall), 1000 * (time.process_time() - self._cpu)


def _snapshot(database: Database, settings: Settings, *, anew: bool = False) -> Took:
    with database.transaction() as session:
        if anew:
            _forget_keys(session)
        watch = _Watch()
        snapshot(Act(session, SYSTEM, clock.now(), settings))
        return watch.read()


def _forget_keys(session: Session) -> None:
    store = keys_of_session(session).store
    for owner in session.exec(select(DataKey.owner)):
        store.forget(owner)


def _statements(database: Database, settings: Settings) -> list[Statement]:
    sent: list[Statement] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        _ = connection, cursor
        sent.append((statement, parameters))

    with database.transaction() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            snapshot(Act(session, SYSTEM, clock.now(), settings))
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
    return [(statement, parameters) for statement, parameters in sent if statement.startswith("SELECT")]


def _sent_again(database: Database, sent: list[Statement]) -> Took:
    with database.engine.connect() as connection:
        driver: Any = connection.connection.cursor()
        watch = _Watch()
        for statement, parameters in sent:
            driver.execute(statement, parameters)
            driver.fetchall()
        return watch.read()


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name} {value:.4g}\n" for name, value in measured(url="".join(sys.argv[1:2])).items()))
