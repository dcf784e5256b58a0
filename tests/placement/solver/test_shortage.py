"""Shortage: which one extra place would help, in time or not at all, and in counts alone."""

import sys
from datetime import UTC, datetime

import msgspec
import pytest

from matching import bottlenecks
from placement.solver.shortage import Extra, Shortage, shortage
from tests.support.snapshots import problem_at

AT = datetime(2026, 11, 24, 11, tzinfo=UTC)


def problem_of(country):
    with country.database.transaction() as session:
        return problem_at(session, country.settings, AT)


@pytest.mark.wide
def test_shortage_is_the_engine_result_without_references(country):
    problem = problem_of(country)
    found = shortage(problem)
    expected = bottlenecks(problem).bottlenecks
    assert found.complete
    assert [(row.unit, row.extra, row.gain, row.serves) for row in found.extras] == [
        (row.unit, row.extra, row.gain, len(row.serves)) for row in expected
    ]
    assert len(found.extras) > 0
    assert set(Extra.__struct_fields__) == {"unit", "extra", "gain", "serves"}


def test_shortage_without_waiting_clients_is_empty(country):
    empty = msgspec.structs.replace(problem_of(country), registrations=())
    assert shortage(empty) == Shortage((), complete=True)


def test_shortage_timed_out_or_failed_is_reported(country, monkeypatch):
    problem = problem_of(country)
    assert not shortage(problem, within_seconds=0.001).complete
    monkeypatch.setattr("placement.solver.shortage._PROGRAM", (sys.executable, "-c", "raise SystemExit(1)"))
    assert not shortage(problem).complete
