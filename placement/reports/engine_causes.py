"""Blocking causes from the engine, computed in a separate process: `python -m placement.reports.engine_causes`. If the
process crashes or hangs, it is killed, and the report is made without causes.
"""

import os
import subprocess
import sys
from datetime import datetime

import structlog

from matching import read_problem, write_problem
from placement.core import transactions
from placement.core.child_processes import end_with
from placement.core.clock import day_of
from placement.core.context import SYSTEM, Act
from placement.core.settings import Settings
from placement.reports.causes import (
    BlockingCauses,
    blocking_causes,
    read_blocking_causes,
    with_missing_counts,
    write_blocking_causes,
)
from placement.reports.moments import is_on_time
from placement.solver.missing_counts import all_missing_counts
from placement.solver.snapshot import snapshot
from placement.storage.database import Database

_LOG = structlog.get_logger()
_PROGRAM = (sys.executable, "-m", "placement.reports.engine_causes")
WITHIN_SECONDS = 60.0
"""The time limit of the process, which runs daily in the background (assumed). On a busy machine, starting the process
takes longer than solving.
"""
SOLVING_SECONDS = 10.0
_NICE = 10
"""The `nice` value of the process: requests and proposals get the processor first."""


def ask(database: Database, settings: Settings, at: datetime) -> BlockingCauses | None:
    """Returns the blocking causes for today's report. Returns `None` if it is too late in the day, or if the engine
    failed. The computation takes seconds, so call it before the transaction that makes the report.
    """
    if not is_on_time(day_of(at), at):
        return None
    with database.transaction() as session:
        world = snapshot(Act(session, SYSTEM, at, settings))
    transactions.require_none("report")
    try:
        ran = subprocess.run(  # noqa: S603  (a module of this program)
            (*_PROGRAM, str(SOLVING_SECONDS)),
            input=write_problem(world.problem),
            capture_output=True,
            timeout=WITHIN_SECONDS,
            check=True,
        )
        causes = read_blocking_causes(ran.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        _LOG.error("report.engine_failed", kind=type(error).__name__)
        return None
    missing = all_missing_counts(world.problem, world.uncounted)
    return with_missing_counts(causes, [case for case, one in missing.items() if one.open])


if __name__ == "__main__":
    end_with(os.getppid(), by_kernel=False)
    os.nice(_NICE)
    found = blocking_causes(read_problem(sys.stdin.buffer.read()), float(sys.argv[1]))
    sys.stdout.buffer.write(write_blocking_causes(found))
