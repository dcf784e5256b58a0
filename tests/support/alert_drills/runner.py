"""The runner of the drills, and the table of what they did."""

import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.support.alert_drills.drills import Drill
from tests.support.alert_drills.stage import Stage
from tests.support.ledger import Ledger, commit
from tests.support.outages import until
from tests.support.paths import ROOT

FILE = ROOT / "build" / "alert-drills.md"
_HEAD = (
    "| alert | fault | seconds until it fired | ended by | seconds until it ended |",
    "|---|---|---|---|---|",
)
_PATIENCE_SECONDS = 5400.0
_LOOKS_EVERY_SECONDS = 5.0


class Interrupted(Exception):
    """Raised when the run is ended by a signal, so that each drill removes its installation."""


class Drills:
    """Drills that run at the same time. A drill that passed at this commit is not run again."""

    def __init__(self, drills: Iterable[Drill], file: Path = FILE, ledger: Ledger | None = None) -> None:
        self._drills, self._file = list(drills), file
        self._ledger = Ledger("alert-drills", commit()) if ledger is None else ledger
        self._lock, self._end = threading.Lock(), threading.Event()

    def run(self) -> str:
        """Returns the table. Raises the error of the first drill that fails, after all have ended."""
        left = [one for one in self._drills if one.alert not in self._rows()]
        with ThreadPoolExecutor(max(1, len(left))) as pool:
            try:
                for _ in pool.map(self._run, left):
                    pass
            except (KeyboardInterrupt, SystemExit):
                self._end.set()
                raise
        return self._table()

    def _run(self, drill: Drill) -> None:
        with tempfile.TemporaryDirectory(prefix="placement-drill-") as folder, ExitStack() as ends:
            stage = Stage(Path(folder), ends)
            steps = drill.steps(stage)
            next(steps)
            assert stage.monitoring.state(drill.alert) == "inactive", f"{drill.alert} was there before the fault"
            fired = self._seconds(drill, stage, steps, "firing")
            assert drill.logged in stage.service.log(), f"the log has no {drill.logged}"
            ended = self._seconds(drill, stage, steps, "inactive")
        with self._lock:
            self._ledger.add([f"| `{drill.alert}` | {drill.fault} | {fired:.0f} | {drill.repair} | {ended:.0f} |"])
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(self._table())

    def _seconds(self, drill: Drill, stage: Stage, steps: Iterator[None], state: str) -> float:
        """Takes the next step of a drill, and returns the seconds until its alert has this state."""

        def has_come() -> bool:
            if self._end.is_set():
                raise Interrupted
            return stage.monitoring.state(drill.alert) == state

        began = time.monotonic()
        next(steps)
        until(has_come, lambda: f"{drill.alert} is not {state}", _PATIENCE_SECONDS, _LOOKS_EVERY_SECONDS)
        return time.monotonic() - began

    def _rows(self) -> dict[str, str]:
        return {row.split("`")[1]: row for row in self._ledger.passed}

    def _table(self) -> str:
        rows = self._rows()
        return "\n".join([*_HEAD, *(rows[one.alert] for one in self._drills if one.alert in rows), ""])
