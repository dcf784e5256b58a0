"""The processes of a `placement serve` command: which of them are alive, and which answers their engine gave. Each web
process has a `Group`.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge

from api.http.metrics import note_engine
from placement.core import heartbeats, vital_signs
from placement.core.recent_answers import Answers, RecentAnswers
from placement.core.setting_files import heartbeats_socket, vital_signs_socket
from placement.core.vital_signs import VitalSigns
from placement.solver.engine_pool import Engines


class Group:
    """The processes that share a run folder. Without a run folder, only this process."""

    def __init__(self, engines: Engines, run: Path | None = None) -> None:
        self._engines, self._run, self._answers = engines, run, RecentAnswers()

    def note(self, outcome: str, seconds: float) -> None:
        """Counts an answer of the engine and its duration."""
        note_engine(outcome, seconds)
        if outcome != "refused":
            self._answers.note(degraded=outcome == "degraded")

    async def beat(self) -> None:
        """Sends heartbeats to the main process until the task is cancelled."""
        if self._run is None:
            await asyncio.Event().wait()
        else:
            await heartbeats.beat(heartbeats_socket(self._run), self._answers.counted)

    def checks(self) -> Mapping[str, str]:
        """Returns the readiness checks by name, each `ok` or its fault."""
        signs = self._signs()
        return {"engine": self._engine(signs), "liveness": _liveness(signs)}

    def figures(self) -> CollectorRegistry:
        """Returns the metrics about all processes."""
        signs = self._signs() or VitalSigns(0, 0)
        registry = CollectorRegistry()
        lends = Gauge("placement_engine_lends", "Whether an engine can be had: 0 or 1", registry=registry)
        lends.set(self._engines.lends())
        answers = Gauge(
            "placement_engine_answers", "Answers to proposals within ten minutes", ["kind"], registry=registry
        )
        answers.labels("all").set(signs.answers.total)
        answers.labels("degraded").set(signs.answers.degraded)
        processes = Gauge("placement_processes", "Web processes", ["state"], registry=registry)
        processes.labels("going_on").set(signs.going_on)
        processes.labels("started").set(signs.of)
        return registry

    def _signs(self) -> VitalSigns | None:
        if self._run is None:
            return VitalSigns(1, 1, self._answers.counted())
        return vital_signs.ask(vital_signs_socket(self._run))

    def _engine(self, signs: VitalSigns | None) -> str:
        if not self._engines.lends():
            return "away: no engine is lent, and proposals are degraded; restart the service"
        answers = self._answers.counted() if signs is None else signs.answers
        return _degraded(answers) if answers.are_too_often_degraded else "ok"


def _degraded(answers: Answers) -> str:
    return f"degraded: {answers.degraded} of {answers.total} answers in ten minutes"


def _liveness(signs: VitalSigns | None) -> str:
    if signs is None:
        return "not heard: the main process does not answer in the run folder; restart the service"
    return "ok" if signs.are_well else f"{signs.going_on} of {signs.of} web processes work"
