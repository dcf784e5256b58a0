"""Vital signs of a running `placement serve`: the state of its web processes and engines. The main process sends the
vital signs to everybody who connects to its socket in the run folder. Web processes read them for readiness and
metrics, and `placement doctor` reads them too.
"""

import json
import socket
from dataclasses import dataclass, field
from pathlib import Path

from placement.core.heartbeats import Heartbeats
from placement.core.recent_answers import Answers

_WITHIN_SECONDS = 1.0
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class VitalSigns:
    """Vital signs. `going_on`: the number of web processes with a recent heartbeat. `of`: the number of web processes
    that were started.
    """

    going_on: int
    of: int
    answers: Answers = field(default_factory=Answers)

    @classmethod
    def heard(cls, heartbeats: Heartbeats) -> "VitalSigns":
        return cls(heartbeats.going_on(), heartbeats.processes, heartbeats.answers())

    @property
    def are_well(self) -> bool:
        return self.going_on >= self.of

    def written(self) -> bytes:
        return json.dumps([self.going_on, self.of, self.answers.total, self.answers.degraded]).encode()


def ask(address: Path) -> VitalSigns | None:
    """Returns the vital signs. Returns `None` if no main process answers within the time limit."""
    try:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(_WITHIN_SECONDS)
            asked.connect(str(address))
            going_on, of, total, degraded = json.loads(asked.recv(_LONGEST, socket.MSG_WAITALL))
    except (OSError, ValueError):
        return None
    return VitalSigns(going_on, of, Answers(total, degraded))
