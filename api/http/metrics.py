"""Metrics: counts and durations by route, summed over all web processes.

Each process keeps its metrics in memory, and writes them to a file every few seconds. A failed write does no harm. (A
memory-mapped file would end the process on a full disk.) The files of ended processes are included in the sums.
"""

import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from placement.core.version import VERSION, commit

_LOG = structlog.get_logger()
_WRITE_EVERY_SECONDS = 2.0
_NOW = frozenset({"placement_pool"})
"""Metrics that are present values, not sums since the start."""
_PERSISTS = ("_created",)
"""Suffixes of samples with a start time, which are not summed."""

Labels = tuple[tuple[str, str], ...]
OURS = CollectorRegistry()
REQUESTS = Counter("placement_requests_total", "Requests answered", ["method", "route", "status"], registry=OURS)
SECONDS = Histogram("placement_request_seconds", "Time to answer", ["method", "route"], registry=OURS)
WAITED = Histogram(
    "placement_admission_seconds",
    "Time in line for a place, by kind of work",
    ["work"],
    registry=OURS,
    buckets=(0.005, 0.05, 0.25, 1, 2.5, 5, 10, 20),
)
ADMITTED = Counter(
    "placement_admissions_total",
    "Requests by kind of work and what became of them in line: admitted, "
    "refused, late, hung_up, cut_off, over_budget, slow_body",
    ["work", "outcome"],
    registry=OURS,
)
ENGINE = Histogram(
    "placement_engine_seconds",
    "Time of a proposal's question, with its time in line, by its end: answered, shared, degraded, refused",
    ["outcome"],
    registry=OURS,
    buckets=(0.1, 0.25, 0.5, 1, 2, 3, 4, 5),
)
POOL = Gauge("placement_pool", "Requests that run and wait now, by kind of work", ["work", "state"], registry=OURS)


def note_engine(outcome: str, seconds: float) -> None:
    ENGINE.labels(outcome).observe(seconds)


def note_pool(work: str, running: Callable[[], int], waiting: Callable[[], int]) -> None:
    """Registers a pool. Its figures are read when the metrics are requested."""
    POOL.labels(work, "running").set_function(running)
    POOL.labels(work, "waiting").set_function(waiting)


class Shared(Collector):
    """The metrics of this process, and the last written metrics of the other processes in the folder."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder`: the folder for the metrics of all processes; `None` if there is only this process."""
        self._folder = folder
        self._file = folder / f"{os.getpid()}.json" if folder else None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write_on, daemon=True)
        self._fails = False

    def start(self) -> None:
        if self._file is not None:
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
            self.write()

    def exposition(self) -> bytes:
        """Returns the metrics in the Prometheus text format."""
        return generate_latest(self)

    def collect(self) -> Iterable[Metric]:
        counted: dict[tuple[str, Labels], float] = defaultdict(float)
        for name, labels, value in (*_samples(), *self._of_others()):
            counted[name, labels] += value
        for ours in OURS.collect():
            made = Metric(ours.name, ours.documentation, ours.type)
            for (name, labels), value in counted.items():
                if name.startswith(ours.name):
                    made.add_sample(name, dict(labels), value)
            yield made
        facts = {"version": VERSION, "commit": commit() or ""}
        yield InfoMetricFamily("placement_build", "The version, and the commit that it was made from", value=facts)

    def write(self) -> None:
        """Writes the metrics to this process's file. If this fails, the old file stays. Only the first failure is
        logged.
        """
        if self._file is None:
            return
        new = self._file.with_suffix(".new")
        try:
            new.write_text(json.dumps(_samples()))
            new.replace(self._file)
        except OSError as error:
            if not self._fails:
                _LOG.error("metrics.not_written", code=error.errno)
            self._fails = True
        else:
            self._fails = False

    def _write_on(self) -> None:
        while not self._stop.wait(_WRITE_EVERY_SECONDS):
            self.write()

    def _of_others(self) -> Iterable[tuple[str, Labels, float]]:
        if self._folder is None:
            return
        for file in self._folder.glob("*.json"):
            if file != self._file:
                ended = not Path(f"/proc/{file.stem}").exists()
                for name, labels, value in json.loads(file.read_text()):
                    if not (ended and name in _NOW):  # leaves out present values of ended processes
                        yield name, tuple((key, text) for key, text in labels), value


def _samples() -> list[tuple[str, Labels, float]]:
    return [
        (sample.name, tuple(sorted(sample.labels.items())), sample.value)
        for metric in OURS.collect()
        for sample in metric.samples
        if not sample.name.endswith(_PERSISTS)
    ]
