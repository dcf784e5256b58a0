"""The main process of a service with one web process, as far as others see it: heartbeats, vital signs, engines."""

import socket
from pathlib import Path

from placement.cli.liveness import Liveness
from placement.core.heartbeats import Heartbeats
from placement.core.recent_answers import Answers
from placement.core.setting_files import engines_socket, heartbeats_socket, vital_signs_socket
from placement.core.vital_signs import VitalSigns, ask
from placement.solver.engine_lending import EngineLender
from placement.solver.engine_pool import EnginePool
from tests.support.outages import until


class MainProcess:
    """Its web process was heard once, and counts as going on until the end."""

    def __init__(self, run: Path, processes: int = 1) -> None:
        self.run, self.processes = run, processes
        self._liveness = Liveness(
            Heartbeats(processes, heartbeats_socket(run), lambda: 0.0), vital_signs_socket(run), None, None
        )
        self._lender = EngineLender(EnginePool(0), engines_socket(run))
        self._liveness.start()
        self._lender.start()

    def hears(self, answers: Answers) -> None:
        """Sends a heartbeat of the web process, with these answers of the engine."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.sendto(f"1 {answers.total} {answers.degraded}".encode(), str(heartbeats_socket(self.run)))
        self.until_heard(answers)

    def until_heard(self, answers: Answers) -> None:
        until(lambda: ask(vital_signs_socket(self.run)) == VitalSigns(1, self.processes, answers))

    def stop(self) -> None:
        self._lender.stop()
        self._liveness.stop()
