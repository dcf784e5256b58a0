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


class Drills:
    """Drills that run at the same time. A drill that passed at this commit is not run again."""

    def __init__(self, drills: Iterable[Drill], file: Path = FILE) -> None:
        self._drills, self._file, self._lock = list(drills), file, threading.Lock()
        self._ledger = Ledger("alert-drills", commit())

    def run(self) -> str:
        """Returns the table. Raises the error of the first drill that fails, after all have ended."""
        left = [one for one in self._drills if one.alert not in self._rows()]
        with ThreadPoolExecutor(max(1, len(left))) as pool:
            for _ in pool.map(self._run, left):
                pass
        return self._table()

    def _run(self, drill: Drill) -> None:
        with tempfile.TemporaryDirectory(prefix="placement-drill-") as folder, ExitStack() as ends:
            fired, ended = _seconds(drill, Stage(Path(folder), ends))
        with self._lock:
            self._ledger.add([f"| `{drill.alert}` | {drill.fault} | {fired:.0f} | {drill.repair} | {ended:.0f} |"])
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(self._table())

    def _rows(self) -> dict[str, str]:
        return {row.split("`")[1]: row for row in self._ledger.passed}

    def _table(self) -> str:
        rows = self._rows()
        return "\n".join([*_HEAD, *(rows[one.alert] for one in self._drills if one.alert in rows), ""])


def _seconds(drill: Drill, stage: Stage) -> tuple[float, float]:
    """Runs a drill. Returns the seconds until the alert fired, and from the repair until it was silent again."""
    steps = drill.steps(stage)
    next(steps)
    assert stage.monitoring.state(drill.alert) == "inactive", "the alert was there before the fault"
    return _until(drill, stage, steps, "firing"), _until(drill, stage, steps, "inactive")


def _until(drill: Drill, stage: Stage, steps: Iterator[None], state: str) -> float:
    began = time.monotonic()
    next(steps)
    until(
        lambda: stage.monitoring.state(drill.alert) == state,
        lambda: f"{drill.alert} is {stage.monitoring.state(drill.alert)}, not {state}",
        _PATIENCE_SECONDS,
        _LOOKS_EVERY_SECONDS,
    )
    return time.monotonic() - began
