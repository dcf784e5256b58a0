"""Shortage: which one extra place would help, in time or not at all, and in counts alone."""

import sys
from datetime import UTC, datetime

import msgspec
import pytest

from matching import bottlenecks
from placement.solver.engine_pool import EnginePool
from placement.solver.engine_process import Solver
from placement.solver.shortage import Extra, Shortage
from tests.support.snapshots import problem_at

AT = datetime(2026, 11, 24, 11, tzinfo=UTC)


def problem_of(country):
    with country.database.transaction() as session:
        return problem_at(session, country.settings, AT)


@pytest.mark.wide
def test_shortage_is_the_engine_result_without_references(country, solver):
    problem = problem_of(country)
    found = solver.shortage(problem, 60.0)
    expected = bottlenecks(problem).bottlenecks
    assert found.complete
    assert [(row.unit, row.extra, row.serves) for row in found.extras] == [
        (row.unit, row.extra, len(row.serves)) for row in expected
    ]
    assert len(found.extras) > 0
    assert set(Extra.__struct_fields__) == {"unit", "extra", "serves"}


@pytest.mark.wide
def test_shortage_without_waiting_clients_is_empty(country, solver):
    empty = msgspec.structs.replace(problem_of(country), registrations=())
    assert solver.shortage(empty) == Shortage((), complete=True)


@pytest.mark.wide
@pytest.mark.parametrize("fails", ["raise SystemExit(1)", "import time; time.sleep(600)"])
def test_shortage_timed_out_or_failed_is_reported(country, fails):
    solver = Solver(6.0, EnginePool(1, (sys.executable, "-c", fails)))
    assert not solver.shortage(problem_of(country), within_seconds=0.5).complete
    solver.stop()
