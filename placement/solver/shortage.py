"""Shortage: which one extra place would help most, and how many clients: the engine's bottlenecks.

Computed in a process of its own for each question, so that a proposal never waits for it, and that it can be stopped
whatever the solver does. The result is counts, without any reference. Limits on use: `previews.py`.
"""

import os
import subprocess
import sys
from dataclasses import dataclass

import msgspec
import structlog

from matching import EngineFault, Problem, bottlenecks, read_problem, write_problem
from placement.core import transactions
from placement.core.child_processes import end_with

WITHIN_SECONDS = 20.0
"""After this time the result is marked as not complete (assumed; a country takes well under a second)."""
_NICE = 5
"""A page with a figure leaves the processor to requests and proposals."""
_PROGRAM = (sys.executable, "-m", "placement.solver.shortage")
_LOG = structlog.get_logger()


class Extra(msgspec.Struct, frozen=True):
    """One extra in one unit: `room_1`, `room_4` (beds) or `high_care`; how many more would then have a place."""

    unit: str
    extra: str
    gain: int
    serves: int


@dataclass(frozen=True, slots=True)
class Shortage:
    extras: tuple[Extra, ...]
    complete: bool
    """Whether it was computed in time."""


def shortage(problem: Problem, within_seconds: float = WITHIN_SECONDS) -> Shortage:
    if not problem.registrations:
        return Shortage((), complete=True)
    transactions.require_none("shortage")
    try:
        done = subprocess.run(  # noqa: S603  (the program is the project's own)
            _PROGRAM, input=write_problem(problem), stdout=subprocess.PIPE, timeout=within_seconds, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        _LOG.error("shortage.failed", reason=type(error).__name__)
        return Shortage((), complete=False)
    return Shortage(msgspec.json.decode(done.stdout, type=tuple[Extra, ...]), complete=True)


def _work_out(written: bytes) -> bytes:
    found = bottlenecks(read_problem(written), time_limit=WITHIN_SECONDS * 0.8).bottlenecks
    return msgspec.json.encode([Extra(row.unit, row.extra, row.gain, len(row.serves)) for row in found])


if __name__ == "__main__":
    end_with(os.getppid(), by_kernel=False)
    os.nice(_NICE)
    try:
        sys.stdout.buffer.write(_work_out(sys.stdin.buffer.read()))
    except EngineFault:
        sys.exit(1)  # not proven best in time: no result rather than a wrong one
